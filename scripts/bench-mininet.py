"""Builds and ends networks with Mininet, as often as asked, and prints how long each took.

bench-mininet.py BRIDGES HOSTS RUNS: so many Open vSwitch bridges (userspace datapath) in a row, and behind them a
Linux bridge with the hosts. A line a run: seconds up, seconds down. Runs where an Open vSwitch runs already.
"""

import sys
import time

from mininet.log import setLogLevel
from mininet.net import Mininet
from mininet.node import Host, OVSBridge
from mininet.nodelib import LinuxBridge


def run(bridges, hosts):
    start = time.monotonic()
    net = Mininet(controller=None, build=False)
    switch = net.addSwitch("s0", cls=LinuxBridge)
    before = switch
    for index in range(1, bridges + 1):
        bridge = net.addSwitch(f"s{index}", cls=OVSBridge, datapath="user")
        net.addLink(before, bridge)
        before = bridge
    for index in range(hosts):
        net.addLink(net.addHost(f"h{index}", cls=Host), switch)
    net.start()
    up = time.monotonic()
    net.stop()
    return up - start, time.monotonic() - up


setLogLevel("error")
bridge_count, host_count, runs = map(int, sys.argv[1:])
for _ in range(runs):
    print("%.4f %.4f" % run(bridge_count, host_count), flush=True)

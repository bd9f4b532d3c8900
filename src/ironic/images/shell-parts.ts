/** Pieces of shell that the deploy ramdisk and the small operating system share; busybox runs them. */

/**
 * `virtual_drivers` loads those of a virtual machine's devices, by name: the search for all takes a tenth of a
 * second, and an IDE controller two. `drivers` loads those of all devices; a bus that a driver brings shows devices of
 * its own, so until nothing new comes.
 */
export const driverFunctions = `virtual_drivers() {
  grep -qs 0x1af4 /sys/bus/pci/devices/*/vendor && modprobe -a virtio_pci virtio_net virtio_blk
}

drivers() {
  devices=
  while
    found=$(cat /sys/bus/*/devices/*/modalias 2>/dev/null | sort -u)
    [ "$found" != "$devices" ]
  do
    devices=$found
    echo "$devices" | xargs modprobe -a -b -q 2>/dev/null
  done
}
`;

/** What udhcpc's script does with a lease, which is in its environment. */
export const takeLease = `ip address flush dev "$interface" scope global
    ip address add "$ip/\${mask:-24}" dev "$interface"
    for gateway in $router; do ip route replace default via "$gateway" dev "$interface"; break; done
    : >/etc/resolv.conf
    for server in $dns; do echo "nameserver $server" >>/etc/resolv.conf; done`;

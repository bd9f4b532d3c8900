import { driverFunctions, takeLease } from '../ironic/images/shell-parts.ts';

/**
 * The ramdisk's /init, for busybox: devices, modules, network, and then what the kernel's command line asks for.
 *
 * - `ipa-api-url=`: the agent (agent/main.ts), which started while the network came up.
 * - `iscsi_target_iqn=`: Juno's PXE deploy, as diskimage-builder's deploy-ironic element did it.
 * - `rescue` or `rescue=1`: a login on the serial console without a password, for who has the console has the machine.
 * - `troubleshoot=1`: a shell on the console beside either deploy, and when one fails.
 */
export const initScript = `#!/bin/sh
export PATH=/bin:/sbin:/usr/bin:/usr/sbin HOME=/root TERM=vt100
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
mkdir -p /dev/pts /run
mount -t devpts devpts /dev/pts
mount -t tmpfs tmpfs /run
mkdir -p /run/lab
exec </dev/console >/dev/console 2>&1

say() {
  read -r up rest </proc/uptime
  echo "[$up] lab-ramdisk: $*"
}

read -r command_line </proc/cmdline

# The value of an argument of the kernel's command line.
argument() {
  for word in $command_line; do
    case $word in "$1="*) echo "\${word#*=}"; return ;; esac
  done
  return 1
}

shell() {
  say "$*"
  setsid cttyhack sh
}

${driverFunctions}
agent() {
  # OpenSSL's code for newer processors is six times slower than its plain code where they are emulated.
  grep -q 'QEMU TCG' /proc/cpuinfo && export OPENSSL_ia32cap=0:0
  while :; do
    node /usr/lib/lab/agent.cjs
    status=$?
    [ -f /run/lab/rescue ] && break
    say "the agent ended with $status, starting it again"
    sleep 1
  done
  sed -i "s|^rescue:[^:]*:|rescue:$(cat /run/lab/rescue):|" /etc/shadow
  rm -f /run/lab/rescue
  say 'rescue: log in as rescue'
  while :; do getty -L 115200 "$(console)" vt100; done
}

console() {
  sed 's/.* //' /sys/class/tty/console/active
}

# BOOTIF is the network card that the machine booted from: 01-aa-bb-… by PXELINUX, aa:bb:… by iPXE.
is_wanted() {
  wanted=$(argument BOOTIF | tr A-F- a-f:)
  [ -z "$wanted" ] || [ "\${wanted#01:}" = "$(cat "$1/address")" ]
}

# Gives the network cards that are there an address, each once.
network() {
  for folder in /sys/class/net/*; do
    interface=\${folder##*/}
    [ -e "$folder/device" ] && [ ! -e "/run/lab/has-$interface" ] && is_wanted "$folder" || continue
    : >"/run/lab/has-$interface"
    ip link set "$interface" up
    # ip=client:server:gateway:netmask, as PXELINUX appends it, saves asking DHCP a second time.
    case $(argument ip) in
      [0-9]*:*:*:*)
        IFS=: read -r ip siaddr router mask rest <<END
$(argument ip)
END
        mask=$(ipcalc -p "$ip" "$mask" | cut -d = -f 2)
        export interface ip siaddr router mask
        /usr/lib/lab/lease bound
        return ;;
    esac
    udhcpc -f -i "$interface" -s /usr/lib/lab/lease -t 5 -T 1 -A 1 >/dev/null 2>&1 &
  done
}

say "Linux $(uname -r)"
# Open both ways, so that neither the reader nor the writer waits for the other.
mkfifo /run/lab/lease
exec 9<>/run/lab/lease
# The agent takes a second to start, and waits for its network and the node's disk by itself.
if argument ipa-api-url >/dev/null; then agent & fi
ip link set lo up
virtual_drivers
network
{
  # The agent goes before them.
  renice -n 19 -p "$(cut -d ' ' -f 4 /proc/self/stat)" >/dev/null
  drivers
  network
} &
case $(argument troubleshoot) in 1 | true) shell 'troubleshoot: a shell on this console' & esac

if argument iscsi_target_iqn >/dev/null; then
  . /usr/lib/lab/iscsi-deploy
elif echo " $command_line " | grep -Eq ' rescue(=1)? '; then
  say 'rescue: a login as root'
  while :; do getty -L -n -l /usr/lib/lab/root-login 115200 "$(console)" vt100; done
elif ! argument ipa-api-url >/dev/null; then
  say 'the kernel command line names neither ipa-api-url nor iscsi_target_iqn nor rescue'
fi
# PID 1 stays, and takes in the processes whose parents have ended.
while :; do wait; sleep 3600; done
`;

/** Run by udhcpc at each event, and by /init for an address that the boot loader handed on. */
export const leaseScript = `#!/bin/sh
# $1: deconfig, bound, renew, leasefail, nak; the lease is in the environment.
case $1 in
  bound | renew)
    ${takeLease}
    printf 'address=%s\\nboot_server=%s\\n' "$ip" "\${siaddr:-\${tftp:-$serverid}}" >/run/lab/network
    read -r up rest </proc/uptime
    echo "[$up] lab-ramdisk: $interface has $ip/\${mask:-24}" >/dev/console
    # Whoever waits for the first address reads here.
    [ -f /run/lab/leased ] || { : >/run/lab/leased; echo ready >/run/lab/lease; } ;;
esac
`;

/**
 * Juno's PXE deploy: the disk becomes LUN 1 of an iSCSI target, the conductor is told, writes it, and says done.
 * Sourced by /init.
 */
export const iscsiDeployScript = `# Sourced by /init.
iqn=$(argument iscsi_target_iqn)
node=$(argument deployment_id)
key=$(argument deployment_key)
api=$(argument ironic_api_url)

# What went wrong is told to the conductor in place of a disk, and on the console.
failed() {
  say "failed: $*"
  tell "$*"
  case $(argument troubleshoot) in 1 | true) shell 'a shell to look around' ;; esac
  while :; do wait; sleep 3600; done
}

# disk= is a list such as cciss/c0d0,sda,hda,vda: the first that is there.
find_disk() {
  for name in $(argument disk | tr , ' '); do
    [ -b "/dev/$name" ] && { echo "/dev/$name"; return; }
  done
  return 1
}

# Posts pass_deploy_info until it is taken: the conductor may hold the node locked for a moment.
tell() {
  body="{\\"address\\":\\"$address\\",\\"key\\":\\"$key\\",\\"iqn\\":\\"$iqn\\",\\"error\\":\\"$1\\"}"
  tries=0
  until wget -q -O - --header 'Content-Type: application/json' --header 'Accept: application/json' \\
    \${token:+--header "X-Auth-Token: $token"} --post-data "$body" \\
    "\${api%/}/v1/nodes/$node/vendor_passthru/pass_deploy_info"; do
    tries=$((tries + 1))
    [ $tries -lt 30 ] || { say 'the conductor does not take pass_deploy_info'; return 1; }
    sleep 2
  done
}

read -r ready <&9
. /run/lab/network

tries=0
until disk=$(find_disk); do
  tries=$((tries + 1))
  [ $tries -lt 600 ] || failed "no disk among $(argument disk)"
  sleep 0.1
done

tgtd || failed 'tgtd did not start'
tries=0
until tgtadm --lld iscsi --mode target --op new --tid 1 --targetname "$iqn" 2>/run/lab/tgtadm; do
  tries=$((tries + 1))
  [ $tries -lt 100 ] || failed "no iSCSI target: $(cat /run/lab/tgtadm)"
  sleep 0.1
done
tgtadm --lld iscsi --mode logicalunit --op new --tid 1 --lun 1 --backing-store "$disk" || failed "no LUN of $disk"
tgtadm --lld iscsi --mode target --op bind --tid 1 --initiator-address ALL || failed "$iqn cannot be reached"
say "iSCSI target $iqn exports $disk as LUN 1"

token=$(cd /run/lab && tftp -g -r "token-$node" -l token "$boot_server" && cat token)
tell '' || failed 'the conductor was not reached'
say 'waiting for done on port 10000'
until nc -l -p 10000 | grep -q done; do :; done
say 'done, rebooting'
tgtadm --lld iscsi --mode target --op delete --tid 1 --force
sync
reboot -f
`;

/** The login program of a rescue without a password. */
export const rootLoginScript = `#!/bin/sh
cd /root
exec sh -l
`;

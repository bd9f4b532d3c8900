import { driverFunctions, takeLease } from './shell-parts.ts';

/** The scripts of the lab's small operating system, for busybox. */

/** /init of its ramdisk: drivers, then the root file system that the kernel's command line names. */
export const osRamdiskScript = `#!/bin/sh
export PATH=/bin:/sbin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
exec </dev/console >/dev/console 2>&1
${driverFunctions}
mode=ro
for word in $(cat /proc/cmdline); do
  case $word in
    root=*) root=\${word#root=} ;;
    ro | rw) mode=$word ;;
  esac
done
virtual_drivers
# findfs knows LABEL= and UUID=; a name such as /dev/vda2 is itself.
tries=0
until case $root in /*) device=$root; [ -b "$device" ] ;; *) device=$(findfs "$root" 2>/dev/null) ;; esac; do
  tries=$((tries + 1))
  [ $tries -ne 1 ] || drivers
  [ $tries -lt 300 ] || { echo "no root file system $root"; setsid cttyhack sh; tries=0; }
  sleep 0.1
done
mount -t ext4 -o "$mode" "$device" /root || { echo "$device cannot be mounted"; setsid cttyhack sh; }
mount --move /dev /root/dev
umount /sys
umount /proc
exec switch_root /root /sbin/init
`;

export const inittab = `::sysinit:/etc/init.d/rcS
::once:/etc/init.d/network
::respawn:/usr/lib/lab/console-login
::ctrlaltdel:/sbin/reboot
::shutdown:/bin/sync
::shutdown:/bin/umount -a -r
`;

/** The login is on the console that the kernel writes to. */
export const consoleLoginScript = `#!/bin/sh
terminal=$(sed 's/.* //' /sys/class/tty/console/active)
exec /bin/getty -L 115200 "$terminal" vt100
`;

export const rcScript = `#!/bin/sh
export PATH=/bin:/sbin:/usr/bin:/usr/sbin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mkdir -p /dev/pts
mount -t devpts devpts /dev/pts
mount -t tmpfs -o mode=0755 tmpfs /run
mount -t tmpfs -o mode=1777 tmpfs /tmp
mount -o remount,rw /
hostname -F /etc/hostname
/usr/lib/lab/config-drive
`;

/**
 * What a config drive says (OpenStack's layout): host name, keys and password for the user. Done once an instance.
 * Of user data a script is run once the network is up; of #cloud-config the keys hostname, user, password and
 * ssh_authorized_keys are known.
 */
export const configDriveScript = `#!/bin/sh
device=$(findfs LABEL=config-2 2>/dev/null || findfs LABEL=CONFIG-2 2>/dev/null) || exit 0
mkdir -p /run/config-drive
# By name, so that the kernel loads the driver.
mount -t iso9660 -o ro "$device" /run/config-drive 2>/dev/null ||
  mount -t vfat -o ro "$device" /run/config-drive || exit 0
data=/run/config-drive/openstack/latest
awk -f /usr/lib/lab/json.awk "$data/meta_data.json" >/run/meta-data

# The value of a key of meta_data.json, or of a #cloud-config.
meta() { sed -n "s|^$1\\t||p" /run/meta-data | head -n 1; }
cloud() {
  head -n 1 "$data/user_data" 2>/dev/null | grep -q '^#cloud-config' || return
  sed -n "s/^$1:[[:space:]]*//p" "$data/user_data" | head -n 1 | sed "s/[[:space:]]*$//;s/^[\\"']//;s/[\\"']$//"
}
cloud_keys() {
  head -n 1 "$data/user_data" 2>/dev/null | grep -q '^#cloud-config' || return
  awk '/^[^[:space:]#-]/ { inside = /^ssh_authorized_keys:/ } inside && /^[[:space:]]*-/ { sub(/^[[:space:]]*-[[:space:]]*/, ""); gsub(/^["\\047]|["\\047]$/, ""); print }' "$data/user_data"
}

name=$(cloud hostname)
name=\${name:-$(meta hostname)}
name=\${name%%.*}
[ -n "$name" ] && echo "$name" >/etc/hostname && hostname "$name"

instance=$(meta uuid)
[ "$instance" = "$(cat /var/lib/lab/instance 2>/dev/null)" ] && [ -n "$instance" ] && exit 0

user=$(cloud user)
user=\${user:-lab}
if ! grep -q "^$user:" /etc/passwd; then
  echo "$user:x:1001:1001:$user:/home/$user:/bin/sh" >>/etc/passwd
  echo "$user:x:1001:" >>/etc/group
  echo "$user:!:19000:0:99999:7:::" >>/etc/shadow
  mkdir -p "/home/$user"
fi
# The password that the image has of itself is for an image without a config drive.
sed -i 's|^lab:[^:]*:|lab:!:|' /etc/shadow
rm -f /etc/issue
password=$(cloud password)
password=\${password:-$(meta admin_pass)}
if [ -n "$password" ]; then
  case $password in
    '$'*) hash=$password ;;
    *) hash=$(echo "$password" | mkpasswd -m sha512 -P 0) ;;
  esac
  sed -i "s|^$user:[^:]*:|$user:$hash:|" /etc/shadow
  touch /var/lib/lab/password-login
fi
mkdir -p "/home/$user/.ssh"
{ sed -n 's|^public_keys\\.[^\\t]*\\t||p' /run/meta-data; cloud_keys; } >"/home/$user/.ssh/authorized_keys"
chmod 700 "/home/$user" "/home/$user/.ssh"
chmod 600 "/home/$user/.ssh/authorized_keys"
chown -R "$user:$user" "/home/$user"
if head -c 2 "$data/user_data" 2>/dev/null | grep -q '#!'; then
  cp "$data/user_data" /var/lib/lab/user-data && chmod 700 /var/lib/lab/user-data
fi
echo "$instance" >/var/lib/lab/instance
`;

/** JSON to lines of path, tab, value: {"a": {"b": ["c"]}} gives a.b.0 and c. RFC 8259, less \\u beyond ASCII. */
export const jsonScript = `{ text = text $0 "\\n" }
END { at = 1; value("") }
function blank() { while (substr(text, at, 1) ~ /[ \\t\\r\\n]/) at++ }
function string(  out, c) {
  at++
  while ((c = substr(text, at, 1)) != "\\"" && at <= length(text)) {
    if (c == "\\\\") {
      c = substr(text, ++at, 1)
      if (c == "n" || c == "r" || c == "t") c = " "
      else if (c == "u") { c = sprintf("%c", hexadecimal(substr(text, at + 1, 4))); at += 4 }
    }
    out = out c
    at++
  }
  at++
  return out
}
function hexadecimal(digits,  number, i) {
  for (i = 1; i <= length(digits); i++) number = number * 16 + index("0123456789abcdef", tolower(substr(digits, i, 1))) - 1
  return number
}
function value(path,  c, key, n, start) {
  blank()
  c = substr(text, at, 1)
  if (c == "{" || c == "[") {
    at++
    for (n = 0; ; n++) {
      blank()
      if (substr(text, at, 1) ~ /[]}]/ || at > length(text)) { at++; return }
      if (c == "{") { key = string(); blank(); at++ } else key = n
      value(path == "" ? key : path "." key)
      blank()
      if (substr(text, at, 1) == ",") at++
    }
  } else if (c == "\\"") {
    print path "\\t" string()
  } else {
    start = at
    while (substr(text, at, 1) ~ /[-+.0-9a-zA-Z]/ && at <= length(text)) at++
    if (at == start) { at = length(text) + 1; return }
    print path "\\t" substr(text, start, at - start)
  }
}
`;

/** Network by DHCP on every interface, then logins from it. */
export const networkScript = `#!/bin/sh
export PATH=/bin:/sbin:/usr/bin:/usr/sbin
ip link set lo up
${driverFunctions}
addresses() {
  for folder in /sys/class/net/*; do
    interface=\${folder##*/}
    [ -e "$folder/device" ] && [ ! -e "/run/has-$interface" ] || continue
    : >"/run/has-$interface"
    ip link set "$interface" up
    udhcpc -f -i "$interface" -s /usr/lib/lab/lease -x "hostname:$(hostname)" -t 5 -T 1 -A 1 >/dev/null 2>&1 &
  done
}
addresses
drivers
addresses
modprobe -a -q button evdev
acpid
mkdir -p /etc/dropbear
key=/etc/dropbear/dropbear_ed25519_host_key
[ -s $key ] || dropbearkey -t ed25519 -f $key >/dev/null 2>&1
# Passwords are taken from the network only when the config drive gave one.
if [ -e /var/lib/lab/password-login ]; then dropbear; else dropbear -s; fi
if [ -x /var/lib/lab/user-data ] && [ ! -e /var/lib/lab/user-data.done ]; then
  touch /var/lib/lab/user-data.done
  /var/lib/lab/user-data >/var/log/user-data 2>&1
fi
`;

export const osLeaseScript = `#!/bin/sh
case $1 in
  bound | renew)
    ${takeLease}
    logger -p daemon.info "$interface has $ip" 2>/dev/null ;;
esac
`;

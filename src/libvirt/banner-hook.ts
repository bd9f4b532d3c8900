import { consoleLog } from './domain-xml.ts';

/** Where libvirt looks for its hook of the QEMU driver (https://libvirt.org/hooks.html). */
export const hookFile = 'hooks/qemu';

/**
 * libvirt's hook, called as `qemu DOMAIN OPERATION …`. While a domain runs, Enter is pressed on its keyboard each time
 * that iPXE has named its features on the console, for then it waits two seconds for Ctrl-B and takes any other key as
 * no. Who wants iPXE's command line presses Ctrl-B before that.
 */
export const bannerHook = `#!/bin/sh
pid_file=/run/libvirt/banner-$1.pid
case $2 in
  started) ;;
  release) [ -e "$pid_file" ] && kill -- "-$(cat "$pid_file")" && rm -f "$pid_file"; exit 0 ;;
  *) exit 0 ;;
esac
# libvirt waits for the hook itself, and must not be asked by it.
setsid sh -c '
  echo $$ >"$1"
  tail -n 0 -f "$2" | grep --line-buffered "^[^ ]\\{0,8\\}Features: " | while read -r line; do
    virsh --connect qemu:///system send-key "$3" KEY_ENTER
  done' sh "$pid_file" "${consoleLog('$1')}" "$1" </dev/null >/dev/null 2>&1 &
exit 0
`;

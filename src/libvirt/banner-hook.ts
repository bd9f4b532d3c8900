import { consoleLog } from './domain-xml.ts';

/** Where libvirt looks for its hook of the QEMU driver (https://libvirt.org/hooks.html). */
export const hookFile = 'hooks/qemu';

/**
 * libvirt's hook, called as `qemu DOMAIN OPERATION …` with the domain's XML on standard input. While a domain runs, a
 * key is pressed on its serial console each time that iPXE has named its features, for then it waits two seconds for
 * Ctrl-B and takes any other key as no. Who wants iPXE's command line presses Ctrl-B before that.
 */
export const bannerHook = `#!/bin/sh
pid_file=/run/libvirt/banner-$1.pid
case $2 in
  started) ;;
  release) [ -e "$pid_file" ] && kill -- "-$(cat "$pid_file")" && rm -f "$pid_file"; exit 0 ;;
  *) exit 0 ;;
esac
terminal=$(sed -n "/<serial type='pty'/,/<\\/serial>/s|.*<source path='\\([^']*\\)'.*|\\1|p")
[ -c "$terminal" ] || exit 0
export terminal
exec setsid sh -c '
  echo $$ >"$1"
  tail -n 0 -f "$2" | grep --line-buffered "^.\\{0,8\\}Features: " | while read -r line; do
    # QEMU reads what is typed only while somebody has the terminal open.
    { printf "\\r"; sleep 1; } >"$terminal" &
  done' sh "$pid_file" "${consoleLog('$1')}" </dev/null >/dev/null 2>&1 &
`;

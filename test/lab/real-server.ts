import { existsSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { slowWhenEmulated } from '../../src/libvirt/domain-xml.ts';
import { enterKeepingFiles, type Host } from '../../src/linux/host.ts';
import { type IpmiSim, startIpmiSim } from '../bmc/ipmi-sim.ts';

/** A server of somebody else's: QEMU, switched by OpenIPMI's BMC, in a namespace of a host. The BMC has no console. */
export interface RealServer {
  readonly bmc: IpmiSim;
  /** All that its serial console has said. */
  console(): string;
}

/** Starts and ends QEMU as ipmi_sim's chassis control is told; its boot device is that of the next start. */
const control = (mac: string, tap: string) => `#!/bin/sh
cd "$(dirname "$0")" || exit 1
shift
verb=$1; shift
running() { [ -e pid ] && kill -0 "$(cat pid)" 2> /dev/null; }
stop() {
  running && kill -9 "$(cat pid)"
  while running; do sleep 0.05; done
  rm -f pid
}
start() {
  [ "$(cat boot 2> /dev/null)" = pxe ] && order=n || order=c
  qemu-system-x86_64 -daemonize -pidfile pid -nodefaults -display none -M pc,graphics=off -accel tcg \\
    -cpu max${slowWhenEmulated.map((feature) => `,${feature}=off`).join('')} -m 512 -boot order=$order \\
    -netdev tap,id=net,ifname=${tap},script=no,downscript=no,vnet_hdr=off -device virtio-net-pci,netdev=net,mac=${mac} \\
    -drive file=disk.img,format=raw,if=virtio \\
    -chardev file,id=serial,path=console.log,append=on -serial chardev:serial < /dev/null > qemu.log 2>&1
}
while [ $# -gt 0 ]; do
  what=$1; shift
  if [ "$verb" = get ]; then
    if [ "$what" = power ]; then running && echo power:1 || echo power:0
    else echo "$what:$(cat "$what" 2> /dev/null || echo 0)"; fi
    continue
  fi
  value=$1; shift
  case $what in
    power) if [ "$value" = 1 ]; then running || start; else stop; fi ;;
    reset) stop; start ;;
    *) echo "$value" > "$what" ;;
  esac
done
`;

/**
 * Puts it there, switched off, with an empty disk. It ends with the host.
 *
 * @param place a namespace of the host, where the BMC's address and the tap are
 */
export function startRealServer(
  place: { readonly host: Host; readonly namespace: string },
  { mac, tap, bmcIp }: { readonly mac: string; readonly tap: string; readonly bmcIp: string },
): RealServer {
  const bmc = startIpmiSim(623, enterKeepingFiles(place.host, place.namespace), {
    address: bmcIp,
    chassisControl: control(mac, tap),
  });
  const disk = join(bmc.folder, 'disk.img');
  writeFileSync(disk, '');
  truncateSync(disk, 2 ** 30);
  const log = join(bmc.folder, 'console.log');
  return { bmc, console: () => (existsSync(log) ? readFileSync(log, 'utf8') : '') };
}

import { LabError } from '../errors.ts';
import { type Host, runIn } from '../linux/host.ts';

/**
 * The bytes of a frame with these fields, checksums and all.
 *
 * @param flow ovs-fields(7) with a value for each: `udp,dl_src=…,dl_dst=…,nw_src=…,udp_dst=67`
 * @param payload what UDP, TCP or ICMP carry, in hexadecimal; default: some bytes
 * @throws LabError `usage` in Open vSwitch's words for fields that make no frame
 */
export async function composeFrame(host: Host, flow: string, payload?: string): Promise<Uint8Array> {
  const argv = ['ovs-ofctl', 'compose-packet', exact(flow), ...(payload === undefined ? [] : [payload])];
  const { stdout, stderr, exitCode } = await runIn(host, argv, { accept: [0, 1] });
  const bytes = Buffer.from(
    stdout
      .split('\n')
      .flatMap((line) => /^[0-9a-f]{8} {2}([0-9a-f -]+)$/.exec(line)?.[1] ?? [])
      .join('')
      .replaceAll(/[ -]/g, ''),
    'hex',
  );
  if (exitCode === 0 && bytes.length > 0) return bytes;
  const words = stderr.trim().replace(/^ovs-ofctl: /, '') || stdout.trim();
  throw new LabError('usage', `the fields "${flow}" make no frame: ${words.split('\n')[0]}`, {
    remedy:
      'see ovs-fields(7); an example is udp,dl_src=52:54:00:00:02:01,dl_dst=ff:ff:ff:ff:ff:ff,udp_dst=67',
  });
}

/** tp_src and tp_dst stand for the ports of any protocol, which a frame cannot have. */
function exact(flow: string): string {
  const protocol = /(?:^|,)(tcp|udp|sctp)6?(?:,|$)/.exec(flow)?.[1] ?? 'udp';
  return flow.replaceAll(/\btp_(src|dst)=/g, `${protocol}_$1=`);
}

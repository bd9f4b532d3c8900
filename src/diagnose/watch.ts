import { LiveCapture } from '../evidence/live-capture.ts';
import type { CapturePoint } from '../evidence/point.ts';
import type { Host } from '../linux/host.ts';
import { verifyChecksums } from '../packets/checksum.ts';
import { FrameDecoder } from '../packets/decode.ts';
import type { CapturedFrame } from '../packets/frame.ts';
import type { DhcpSighting } from './sighting.ts';
import type { Survey } from './survey.ts';

/** A server that has its lease needs no more looking; one that is answered takes less than this to go on. */
const goesOnWithinMs = 2_500;

export const integrationBridge = 'br-int';

/** What was seen of a server, and where it was looked for. */
export interface Watched {
  readonly mac: string;
  readonly sightings: readonly DhcpSighting[];
  /** For how long at most, in s. */
  readonly seconds: number;
}

export interface WatchOptions {
  /** Lower-case. */
  readonly mac: string;
  /** Called when every hop is captured at: the server may ask now. */
  readonly onWatching?: () => void;
  /** Ends the watching before its time. */
  readonly signal?: AbortSignal;
}

/**
 * Captures the DHCP messages of one server at every hop: the NICs, inside br-int, and the taps of dnsmasq. It ends when
 * the server has its ACK, some seconds after its first request, or after all the time it may take.
 */
export async function watchDhcp(
  host: Host,
  survey: Survey,
  options: WatchOptions & { readonly ms: number },
): Promise<DhcpSighting[]> {
  const points = pointsOf(host, survey);
  const decoder = new FrameDecoder({ streams: false });
  const seen: DhcpSighting[] = [];
  const nics = new Set(survey.nics.map(({ name }) => name));
  let finish: () => void = () => undefined;
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const timers = [setTimeout(finish, options.ms)];
  options.signal?.addEventListener('abort', finish, { once: true });
  // What comes before all points capture is seen at some only.
  let ready: bigint | undefined;
  const take = (frames: readonly CapturedFrame[]) => {
    for (const frame of frames) {
      if (ready === undefined || frame.time < ready) continue;
      const { dhcp, vlans } = decoder.decode(frame);
      const at = points[frame.interfaceId ?? -1]?.device;
      if (typeof dhcp?.type !== 'string' || dhcp.chaddr !== options.mac || at === undefined) continue;
      const { udp } = verifyChecksums(decoder.layers);
      if (seen.length === 0) timers.push(setTimeout(finish, goesOnWithinMs));
      seen.push({
        at,
        type: dhcp.type,
        vlan: vlans[0]?.id ?? null,
        badChecksum: udp === 'bad' || udp === 'offloaded',
        bytes: frame.bytes,
      });
      if (dhcp.type === 'ACK' && nics.has(at)) finish();
    }
  };
  const live = await LiveCapture.start(points, 'udp port 67 or udp port 68', take);
  ready = BigInt(Date.now()) * 1_000_000n;
  options.onWatching?.();
  await Promise.race([finished, live.ended]);
  for (const timer of timers) clearTimeout(timer);
  await live.stop();
  return seen;
}

function pointsOf(host: Host, survey: Survey): CapturePoint[] {
  const point = (device: string): CapturePoint => ({ name: device, host, device });
  const integration = survey.bridges.find(({ name }) => name === integrationBridge);
  const crossings = integration?.ports.filter(({ name }) => name.startsWith('int-')).map(({ name }) => name);
  return [
    ...survey.nics.filter(({ up }) => up).map(({ name }) => point(name)),
    ...(integration
      ? [
          {
            ...point(integrationBridge),
            mirrored: [{ kind: 'bridge' as const, bridge: integrationBridge, translating: crossings ?? [] }],
          },
        ]
      : []),
    ...survey.dhcp.flatMap(({ tap, namespace }) => (tap ? [{ ...point(tap), namespace }] : [])),
  ];
}

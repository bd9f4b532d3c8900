import { type Claimable, reference } from '../evidence/claim.ts';
import type { Evidence } from '../evidence/evidence.ts';
import type { FrameTest } from '../evidence/frames.ts';
import type { DhcpMessageType } from '../packets/dhcp-options.ts';
import type { Provisioned, ProvisionOptions } from './provisioning.ts';
import type { ScenarioRun } from './scenario-run.ts';

/** That such frames passed a point, the first of each kind after the first of the kind before it. */
export function inOrder(
  evidence: Evidence,
  point: string,
  steps: Readonly<Record<string, FrameTest>>,
): Claimable {
  const frames = evidence.frames.filter((frame) => frame.point === point);
  let from = 0;
  const found = Object.entries(steps).map(([what, test]) => {
    const at = frames.findIndex((frame, index) => index >= from && test(frame));
    if (at >= 0) from = at + 1;
    return { what, frame: at < 0 ? undefined : frames[at] };
  });
  const missing = found.filter(({ frame }) => !frame).map(({ what }) => what);
  return {
    holds: missing.length === 0,
    why:
      missing.length === 0
        ? `${found.map(({ what }) => what).join(', ')} at ${point}`
        : `no ${missing.join(', no ')} in that order at ${point}`,
    evidence: found.flatMap(({ frame }) => (frame ? [reference(frame)] : [])),
    journeys: [],
  };
}

/** That such a frame passed a point. */
export function seenAt(evidence: Evidence, point: string, what: string, test: FrameTest): Claimable {
  return inOrder(evidence, point, { [what]: test });
}

/** That so many such frames passed a point. */
export function countAt(
  evidence: Evidence,
  point: string,
  count: number,
  what: string,
  test: FrameTest,
): Claimable {
  const found = evidence.frames.filter((frame) => frame.point === point && test(frame));
  return {
    holds: found.length === count && point in evidence.captures,
    why: `${found.length} ${what} at ${point}`,
    evidence: found.map(reference),
    journeys: [],
  };
}

/** A request for a file by HTTP, or a call of the API: its path ends so. */
export function httpRequest(method: 'GET' | 'POST', end: string): FrameTest {
  return ({ decoded }) =>
    decoded.http?.some((it) => it.kind === 'request' && it.method === method && it.target.endsWith(end)) ??
    false;
}

/** A request for a part of a file by HTTP (RFC 9110, section 14): from this byte on, or from some byte other than 0. */
export function httpRange(end: string, from: number | 'later'): FrameTest {
  return ({ decoded }) =>
    decoded.http?.some((it) => {
      if (it.kind !== 'request' || !it.target.endsWith(end)) return false;
      const first = Number(/^bytes=(\d+)-/.exec(it.range ?? '')?.[1] ?? Number.NaN);
      return from === 'later' ? first > 0 : first === from;
    }) ?? false;
}

/** A log-in to an iSCSI target whose name ends so (RFC 7143, section 11.12). */
export function iscsiLogin(end: string): FrameTest {
  return ({ decoded }) =>
    decoded.iscsi?.some(({ login, text }) => login !== undefined && text?.TargetName?.endsWith(end)) ?? false;
}

/** A write to a disk over iSCSI: SCSI WRITE(10) or WRITE(16). */
export const scsiWrite: FrameTest = ({ decoded }) =>
  decoded.iscsi?.some(({ scsiOpcode }) => scsiOpcode === 0x2a || scsiOpcode === 0x8a) ?? false;

/** A DHCP message of that type from or to a client with these options, by code; a value may be the end of what is sent. */
export function dhcpOptions(
  type: DhcpMessageType,
  mac: string,
  options: Readonly<Record<number, string>>,
): FrameTest {
  return ({ decoded: { dhcp } }) =>
    dhcp?.type === type &&
    dhcp.chaddr === mac &&
    Object.entries(options).every(([code, end]) =>
      dhcp.options.some((option) => option.code === Number(code) && String(option.value).endsWith(end)),
    );
}

/** That things were said in this order; what was said between them is no matter. */
export function saidInOrder(said: readonly string[], steps: readonly string[]): Claimable {
  let from = 0;
  const missing = steps.filter((step) => {
    const at = said.indexOf(step, from);
    if (at >= 0) from = at + 1;
    return at < 0;
  });
  return plain(
    missing.length === 0,
    missing.length === 0
      ? steps.join(', ')
      : `no "${missing.join('", no "')}" in its place: ${said.join(', ')}`,
  );
}

/** That a deployment failed within a time in seconds. */
export function failedWithin({ outcome, durationMs }: Provisioned, seconds: number): Claimable {
  const after = `${outcome} after ${(durationMs / 1000).toFixed(1)} s`;
  return plain(outcome === 'deploy failed' && durationMs <= seconds * 1000, after);
}

/** What a failed deployment says of itself. */
export function lastErrorSays({ lastError }: Provisioned, pattern: RegExp): Claimable {
  return plain(pattern.test(lastError ?? ''), `last_error: ${lastError}`);
}

/** Deploys a node that has failed once more, with nothing in the way, and claims that it is as good as any. */
export async function claimNextDeployment(
  run: ScenarioRun,
  name: string,
  options: ProvisionOptions = {},
): Promise<void> {
  const next = await run.ironic.provision(name, options);
  run.claim(
    'the next deployment of the node succeeds',
    plain(next.outcome === 'login prompt', next.lastError ?? next.outcome),
  );
  run.claim('with the whole image on its disk, byte for byte', next.imageIsOnDisk);
}

/** A finding that no frame shows. */
function plain(holds: boolean, why: string): Claimable {
  return { holds, why, evidence: [], journeys: [] };
}

import type { Node, Phase } from '../node.ts';

/** The phases of a provisioning as they are told, in their usual order. */
export type PhaseName =
  | 'power on'
  | 'DISCOVER'
  | 'lease'
  | 'bootloader'
  | 'kernel'
  | 'ramdisk'
  | 'agent'
  | 'iSCSI'
  | 'image written'
  | 'first boot'
  | 'login prompt'
  | 'failed';

/**
 * A node with a phase more.
 *
 * @param when it was, if that was not just now; it is not put before the phase that was told last
 */
export function withPhase(node: Node, name: PhaseName, detail?: string, when = new Date()): Node {
  const told = node.driver_internal_info.phases ?? [];
  const at = when.toISOString();
  const last = told.at(-1)?.at ?? at;
  const phase: Phase = { name, at: at < last ? last : at, ...(detail ? { detail } : {}) };
  const phases = [...told, phase];
  return { ...node, driver_internal_info: { ...node.driver_internal_info, phases } };
}

/** The names of the phases that were seen of a node since its power was put on last. */
export function phasesSincePowerOn({ driver_internal_info }: Node): string[] {
  const phases = (driver_internal_info.phases ?? []).map(({ name }) => name);
  return phases.slice(phases.lastIndexOf('power on') + 1);
}

/** When a node's power was put on last in its deployment, ISO 8601; the empty string, which is before all, when it was not. */
export function poweredOnAt({ driver_internal_info }: Node): string {
  return driver_internal_info.phases?.findLast(({ name }) => name === 'power on')?.at ?? '';
}

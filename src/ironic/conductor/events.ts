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

/** A node with a phase more. */
export function withPhase(node: Node, name: PhaseName, detail?: string): Node {
  const phase: Phase = { name, at: new Date().toISOString(), ...(detail ? { detail } : {}) };
  const phases = [...(node.driver_internal_info.phases ?? []), phase];
  return { ...node, driver_internal_info: { ...node.driver_internal_info, phases } };
}

/** The names of the phases that were seen of a node since its power was put on last. */
export function phasesSincePowerOn({ driver_internal_info }: Node): string[] {
  const phases = (driver_internal_info.phases ?? []).map(({ name }) => name);
  return phases.slice(phases.lastIndexOf('power on') + 1);
}

import type { Flow } from '../../ovs/flow.ts';
import { type Crossing, currentTables, type RuleStyle } from './rules.ts';

/** The rules of br-int that do not depend on a network. */
export function integrationBase(style: RuleStyle, crossings: readonly Crossing[]): Flow[] {
  const dropRest = crossings.map(
    ({ intPort }): Flow => ({ table: 0, priority: 2, match: `in_port=${intPort}`, actions: 'drop' }),
  );
  switch (style) {
    case 'juno':
      return [
        ...dropRest,
        { table: 0, priority: 1, match: '', actions: 'NORMAL' },
        { table: 23, priority: 0, match: '', actions: 'drop' },
      ];
    case 'current': {
      const { transient, transientForward } = currentTables;
      return [
        { table: 0, priority: 65535, match: 'dl_vlan=4095', actions: 'drop' },
        ...dropRest,
        { table: 0, priority: 0, match: '', actions: `goto_table:${transient}` },
        { table: 23, priority: 0, match: '', actions: 'drop' },
        { table: 24, priority: 0, match: '', actions: 'drop' },
        { table: transient, priority: 3, match: '', actions: `goto_table:${transientForward}` },
        { table: transientForward, priority: 3, match: '', actions: 'NORMAL' },
      ];
    }
    case 'article':
      return [{ table: 0, priority: 1, match: '', actions: 'NORMAL' }];
  }
}

/** The rules of a physical bridge that do not depend on a network. */
export function physicalBase(style: RuleStyle, { phyPort, wire }: Crossing): Flow[] {
  switch (style) {
    case 'juno':
      return [
        { table: 0, priority: 2, match: `in_port=${phyPort}`, actions: 'drop' },
        { table: 0, priority: 1, match: '', actions: 'NORMAL' },
      ];
    case 'current':
      return [
        { table: 0, priority: 2, match: `in_port=${phyPort}`, actions: 'drop' },
        { table: 0, priority: 0, match: '', actions: 'NORMAL' },
      ];
    case 'article':
      return [
        { table: 0, priority: 2, match: `in_port=${wire}`, actions: 'drop' },
        { table: 0, priority: 1, match: '', actions: 'NORMAL' },
      ];
  }
}

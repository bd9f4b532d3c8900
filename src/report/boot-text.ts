import pc from 'picocolors';
import type { BootReport } from '../ironic/boot.ts';
import { sshConfigFile } from '../ironic/new-instance.ts';
import { timedPhases } from './boot-times.ts';

/** Who may log in to a new system, and where. */
export interface Login {
  readonly node: string;
  readonly user: string;
  readonly password: string | null;
  readonly ip: string | null;
}

const barWidth = 30;

/** Where the time of a provisioning went: each phase with what came before it. */
export function bootTimeline(report: BootReport): string {
  const { durationMs: inAll, promptUnseen } = report;
  const rows = timedPhases(report);
  const width = Math.max(...rows.map(({ name }) => name.length));
  const lines = rows.map(({ name, startMs, durationMs, detail }) => {
    const bar = '█'.repeat(Math.round((durationMs / Math.max(inAll, 1)) * barWidth)).padEnd(barWidth);
    const times = `${seconds(startMs + durationMs)} s  ${`+${(durationMs / 1000).toFixed(2)}`.padStart(7)}`;
    return `  ${name.padEnd(width)}  ${times}  ${pc.cyan(bar)} ${pc.dim(detail ?? '')}`.trimEnd();
  });
  const total = `  ${'in all'.padEnd(width)}  ${seconds(inAll)} s`;
  const unseen = promptUnseen === null ? [] : [`  its login prompt was not seen: ${promptUnseen}`];
  return [...lines, total, ...unseen].join('\n');
}

const seconds = (ms: number) => (ms / 1000).toFixed(2).padStart(7);

/** How one logs in to a new system; nothing where the user's own data says that. */
export function howToLogIn({ node, user, password, ip }: Login): string {
  if (password === null) return '';
  const console = `  log in as ${user} with the password ${password}: lab console ${node}`;
  const ssh = ip && `  or over the network: lab exec devstack -- ssh -F ${sshConfigFile} ${ip}`;
  return `${[console, ...(ssh ? [ssh] : [])].join('\n')}\n`;
}

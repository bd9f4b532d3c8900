import { readFileSync } from 'node:fs';
import { type Host, seenFromOutside } from '../../linux/host.ts';
import type { DhcpAgentPlan } from '../../neutron/dhcp-agent.ts';
import { runningPid } from '../daemons.ts';
import type { Deviation } from './deviation.ts';
import { dhcpOptionThing, dhcpServerThing, hostEntryThing } from './things.ts';

/**
 * What a network's dnsmasq reads and is told that is not as planned.
 *
 * @param options the text of its options file, where it is known better than by the plan: ports get options while a lab
 *   is used. Without it, options of ports are taken as they come.
 */
export function dhcpDeviations(devstack: Host, agent: DhcpAgentPlan, options?: string): Deviation[] {
  const read = (path: string) => {
    try {
      return readFileSync(seenFromOutside(devstack, path), 'utf8');
    } catch {
      return '';
    }
  };
  const pid = runningPid(devstack, {
    host: 'devstack',
    name: 'dnsmasq',
    program: 'dnsmasq',
    pidFile: agent.pidFile,
  });
  const words = pid === null ? null : read(`/proc/${pid}/cmdline`).split('\0').slice(0, -1);
  return [
    ...(words ? compareWords(agent, words) : [notRunning(agent)]),
    ...compareHosts(agent, read(`${agent.folder}/host`)),
    ...compareOptions(agent, read(`${agent.folder}/opts`), options),
  ];
}

function tapOf({ tap }: Pick<DhcpAgentPlan, 'tap'>): string[] {
  return [`devstack/${tap.name}`];
}

function notRunning(agent: DhcpAgentPlan): Deviation {
  const { network } = agent;
  const text = `dnsmasq of network ${network} does not run`;
  return { thing: dhcpServerThing(network, 'process'), text, at: tapOf(agent) };
}

/** What tells a word of a command line from the others: `--dhcp-range=…` -> `--dhcp-range`. */
export function optionOf(word: string): string {
  const [option = word] = word.split('=');
  // It is there several times, for clients of several kinds.
  return option === '--dhcp-match' ? word : option;
}

function compareWords(agent: DhcpAgentPlan, words: readonly string[]): Deviation[] {
  const { network, argv } = agent;
  const deviation = (word: string, text: string) => ({
    thing: dhcpServerThing(network, optionOf(word)),
    text: `dnsmasq of network ${network} ${text}`,
    at: tapOf(agent),
  });
  const extra = words.filter((word) => !argv.includes(word));
  const missing = argv.filter((word) => !words.includes(word));
  return [
    ...missing.map((word) => {
      const instead = extra.find((it) => optionOf(it) === optionOf(word));
      return deviation(word, instead ? `runs with ${instead} instead of ${word}` : `runs without ${word}`);
    }),
    ...extra
      .filter((word) => !missing.some((it) => optionOf(it) === optionOf(word)))
      .map((word) => deviation(word, `runs with ${word}, which nobody planned`)),
  ];
}

export function linesOf(text: string): string[] {
  return text.split('\n').filter((line) => line !== '');
}

export function compareHosts(agent: DhcpAgentPlan, text: string): Deviation[] {
  const found = linesOf(text);
  const planned = linesOf(agent.files.host ?? '');
  return planned
    .filter((line) => !found.includes(line))
    .map((line) => {
      const [mac = ''] = line.split(',');
      const instead = found.find((it) => it.startsWith(`${mac},`));
      const where = `dnsmasq of network ${agent.network}`;
      return {
        thing: hostEntryThing(mac),
        text: instead
          ? `${where} has the host entry ${instead} instead of ${line}`
          : `${where} has no host entry for ${mac}`,
        at: tapOf(agent),
        mac,
      };
    });
}

/** What selects an option in a line of the options file: all but the value. */
export function selectionOf(line: string): string {
  const parts = line.split(',');
  const named = parts.findIndex((part) => !part.startsWith('tag:'));
  // `encap:175,176` is of two parts.
  return parts.slice(0, named + (parts[named]?.startsWith('encap:') ? 2 : 1)).join(',');
}

export function compareOptions(agent: DhcpAgentPlan, text: string, known?: string): Deviation[] {
  const { network } = agent;
  const found = linesOf(text);
  const planned = linesOf(known ?? agent.files.opts ?? '');
  const deviation = (line: string, is: string) => ({
    thing: dhcpOptionThing(network, selectionOf(line)),
    text: `dnsmasq of network ${network} ${is}`,
    at: tapOf(agent),
  });
  const missing = planned.filter((line) => !found.includes(line));
  return missing.map((line) => {
    const selection = selectionOf(line);
    const instead = found.find((it) => selectionOf(it) === selection);
    const value = (of: string) => of.slice(selection.length + 1);
    return deviation(
      line,
      instead
        ? `gives ${value(instead)} instead of ${value(line)} as ${selection}`
        : `does not give ${selection},${value(line)}`,
    );
  });
}

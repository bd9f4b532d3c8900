import { bootOptions } from '../../../ironic/pxe/dhcp-options.ts';
import { writeDhcpFiles } from '../../../lab/build-devstack.ts';
import { linesOf, optionOf, selectionOf } from '../../../lab/deviations/dhcp-server.ts';
import { dhcpOptionThing, dhcpServerThing, hostEntryThing } from '../../../lab/deviations/things.ts';
import type { Lab } from '../../../lab/record.ts';
import { runIn } from '../../../linux/host.ts';
import { type DhcpAgentPlan, optionsFile, reloadDhcpAgent } from '../../../neutron/dhcp-agent.ts';
import { portId } from '../../../topology/ids.ts';
import type { Mutant, MutationKind } from '../mutation.ts';

const noticedBy = ['every-machine-is-known', 'unknown-mac-gets-no-answer'];

/** Each entry of dnsmasq's hosts file: removed, and each of its fields changed. */
export const dhcpHosts: MutationKind = {
  name: 'dhcp-host',
  noticedBy,
  mutants: ({ devstack }) =>
    devstack.dhcpAgents.flatMap((agent) =>
      linesOf(agent.files.host ?? '').flatMap((line) => {
        const [mac = '', name = '', ip = '', tag = ''] = line.split(',');
        const otherIp = ip.replace(/\d+$/, (last) => String((Number(last) % 250) + 3));
        return [
          { change: 'removed', changed: [] },
          { change: `address ${otherIp} instead of ${ip}`, changed: [[mac, name, otherIp, tag].join(',')] },
          { change: 'another host name', changed: [[mac, 'somebody.openstacklocal', ip, tag].join(',')] },
          { change: 'the tag of another port', changed: [[mac, name, ip, 'set:somebody'].join(',')] },
        ].map(({ change, changed }) =>
          mutantOf(
            agent,
            { kind: 'dhcp-host', thing: hostEntryThing(mac), change },
            {
              files: { host: replaceLine(agent.files.host ?? '', line, changed) },
            },
          ),
        );
      }),
    ),
};

/** Each option in dnsmasq's options file, and each word of its command line that says what it answers. */
export const dhcpOptions: MutationKind = {
  name: 'dhcp-option',
  noticedBy,
  mutants: ({ devstack }) =>
    devstack.dhcpAgents.flatMap((agent) => [
      ...linesOf(agent.files.opts ?? '').flatMap((line) => {
        const selection = selectionOf(line);
        const thing = dhcpOptionThing(agent.network, selection);
        return [
          { change: 'removed', changed: [] },
          { change: 'another value', changed: [`${selection},10.99.99.99`] },
        ].map(({ change, changed }) =>
          mutantOf(
            agent,
            { kind: 'dhcp-option', thing, change },
            {
              files: { opts: replaceLine(agent.files.opts ?? '', line, changed) },
            },
          ),
        );
      }),
      ...agent.argv.flatMap((word) =>
        (changedWords[word.split('=')[0] ?? '']?.(word) ?? []).map((other) =>
          mutantOf(
            agent,
            {
              kind: 'dhcp-option',
              thing: dhcpServerThing(agent.network, optionOf(word)),
              change: other === null ? 'removed' : `${other} instead of ${word}`,
            },
            { argv: agent.argv.flatMap((it) => (it === word ? (other === null ? [] : [other]) : [it])) },
          ),
        ),
      ),
    ]),
};

/** The words that say what dnsmasq answers, with what to put in their place; null for nothing. */
const changedWords: Readonly<Record<string, (word: string) => readonly (string | null)[]>> = {
  '--dhcp-range': (word) => [
    null,
    // An address for anybody.
    word.replace(/,(\d+\.\d+\.\d+)\.\d+,static,/, ',$1.150,$1.199,'),
    word.replace(/,\d+s$/, ',120s'),
    word.replace('set:tag0,', ''),
  ],
  '--dhcp-hostsfile': () => [null],
  '--dhcp-optsfile': () => [null],
  '--domain': (word) => [null, `${word}.example`],
  '--dhcp-match': (word) => [null, word.replace(/,\d+$/, ',176')],
};

/** The words of dnsmasq's command line that are mutated. */
export const mutatedWords = Object.keys(changedWords);

function replaceLine(text: string, line: string, by: readonly string[]): string {
  return linesOf(text)
    .flatMap((it) => (it === line ? by : [it]))
    .map((it) => `${it}\n`)
    .join('');
}

function mutantOf(
  agent: DhcpAgentPlan,
  mutation: Mutant['mutation'],
  changed: { readonly files?: Readonly<Record<string, string>>; readonly argv?: readonly string[] },
): Mutant {
  // What a scenario writes for its ports takes the place of what was written before.
  const { files: { opts } = {}, argv } = changed;
  const [planned = ''] = linesOf(agent.files.opts ?? '');
  return {
    mutation,
    apply: (lab) => restartDhcpAgent(lab, { ...agent, ...changed }, changed.files ?? {}),
    undo: (lab) => restartDhcpAgent(lab, agent, agent.files),
    tamper: {
      ...(opts === undefined ? {} : { options: (text) => replaceLine(text, planned, linesOf(opts)) }),
      ...(argv ? { argv: () => argv } : {}),
    },
  };
}

/** Starts a network's dnsmasq again, with these files. */
export async function restartDhcpAgent(
  { devstack }: Lab,
  agent: DhcpAgentPlan,
  files: Readonly<Record<string, string>>,
): Promise<void> {
  writeDhcpFiles(devstack, agent, files);
  await runIn(devstack, reloadDhcpAgent(agent));
}

/** Each option that Ironic has a node's port given, for one node: left out, and with another value. */
export const bootOptionsOfNodes: MutationKind = {
  name: 'boot-option',
  noticedBy,
  mutants: ({ devstack }, topology) =>
    devstack.dhcpAgents.flatMap((agent) => {
      const network = topology.networks.find(({ name }) => name === agent.network);
      const [node] = [...topology.vms, ...topology.servers].filter(
        (it) => it.known && it.network === agent.network,
      );
      if (!network || !node) return [];
      const port = portId(topology.name, network.name, node.name);
      const options = bootOptions('192.0.2.1', 'http://192.0.2.1/script');
      return linesOf(optionsFile(network, { [port]: options }))
        .slice(1)
        .flatMap((line) => {
          const selection = selectionOf(line);
          const value = line.includes('encap:') ? '00' : '192.0.2.99';
          const isOf = (it: string) => selectionOf(it) === selection;
          const thing = dhcpOptionThing(agent.network, selection);
          const rewritten = (change: (lines: readonly string[]) => readonly string[]) => (text: string) =>
            change(linesOf(text))
              .map((it) => `${it}\n`)
              .join('');
          return [
            { change: 'removed', options: rewritten((lines) => lines.filter((it) => !isOf(it))) },
            {
              change: 'another value',
              options: rewritten((lines) => lines.map((it) => (isOf(it) ? `${selection},${value}` : it))),
            },
          ].map(({ change, options: tampered }) => ({
            mutation: { kind: 'boot-option', thing, change },
            apply: async () => undefined,
            undo: (lab) => restartDhcpAgent(lab, agent, agent.files),
            tamper: { options: tampered },
          }));
        });
    }),
};

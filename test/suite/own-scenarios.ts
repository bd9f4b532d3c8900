import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const topology = `networks:
  - name: provider
    provider: { network_type: flat, physical_network: physnet1 }
    subnet: { cidr: 10.0.0.0/24 }
servers: [{ name: server, kind: namespace }]
`;

const file = (more: string, body: string) => `import { appendFileSync, existsSync } from 'node:fs';
import { arpRequestFor, scenario } from 'baremetal-lab';

export default scenario({
  title: 'One of the suite under test',
  teaches: 'How a run ends.',
  outcomes: { small: 'quiet' },
  ${more}
  async run(run) {
    ${body}
    return 'quiet';
  },
});
`;

/** How runs end, each by a scenario of its own; its body, before it answers the declared outcome. */
const bodies = {
  holds: `run.claim('one is one', true);`,
  'holds-too': `run.claim('two is two', true);`,
  fails: `const [server, dnsmasq] = [run.standIn(), run.dhcpServer];
    await server.run(['ip', 'address', 'replace', server.ip + '/24', 'dev', 'eth0']);
    const { evidence } = await run.capture(() => server.ping(dnsmasq.ip));
    const request = await evidence.journey('ARP request', arpRequestFor(dnsmasq.ip), { to: dnsmasq.point });
    run.claim('it never comes to "dnsmasq" & <co>', request.neverReaches(dnsmasq.point));`,
  'claims-nothing': '',
  skips: `run.skip('not today');`,
  throws: `throw new Error('a slip\\u001b[31m');`,
  lacks: `await run.standIn().run(['no-such-program']);`,
  dies: `process.kill(process.pid, 'SIGKILL');`,
  hangs: `for (;;);`,
  flaky: `const marker = process.env.LAB_HOME + '/tried';
    const first = !existsSync(marker);
    appendFileSync(marker, 'x');
    run.claim('it was tried before', !first);`,
} as const;

export type OwnScenario = keyof typeof bodies;

/** Makes a user's folder with a topology, `small`, and a scenario for each way in which a run ends. */
export function makeOwnFolder(folder: string): void {
  mkdirSync(join(folder, 'topologies'), { recursive: true });
  mkdirSync(join(folder, 'scenarios'));
  writeFileSync(join(folder, 'topologies', 'small.yaml'), topology);
  for (const [name, body] of Object.entries(bodies)) {
    const tags = name === 'holds-too' ? `tags: ['chosen'],` : '';
    writeFileSync(join(folder, 'scenarios', `${name}.ts`), file(tags, body));
  }
}

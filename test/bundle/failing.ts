/** A scenario that says all its lab's secrets aloud, kills Open vSwitch, and fails. */
export const failingScenario = `import { scenario } from 'baremetal-lab';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { address } from './elsewhere.ts';

export default scenario({
  title: 'All goes wrong',
  teaches: 'Nothing.',
  outcomes: { flat: 'bliss' },
  async run(run) {
    const { bmcs } = JSON.parse(readFileSync(join(run.lab.folder, 'secrets.json'), 'utf8'));
    const { password } = bmcs[0];
    const server = run.standIn();
    const say = [
      'ip address replace ' + address + '/24 dev eth0',
      'ip neigh replace 10.0.0.99 lladdr 52:54:00:99:99:99 dev eth0',
      'echo tell-it-' + password + ' > /dev/udp/10.0.0.99/9',
      'echo ' + password + ' > /var/log/said.log',
      'echo deployment_key=0123456789abcdef0123456789abcdef > /var/log/libvirt/qemu/server-1-console.log',
    ].join('; ');
    await run.capture(() => server.run(['bash', '-c', say]), { also: [server.point] });
    await run.dhcpServer.run(['sh', '-c', 'kill -9 $(cat /run/openvswitch/*.pid)']);
    throw new Error('the password is ' + password);
  },
});
`;

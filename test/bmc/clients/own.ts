import { connectIpmi, type IpmiClient } from '../../../src/bmc/client.ts';
import { readDevice, readFru, readLog, readSensors } from '../../../src/bmc/client-inventory.ts';
import { readBoot, readPower, setBoot, setPower } from '../../../src/bmc/client-power.ts';
import { privilege } from '../../../src/bmc/privilege.ts';
import { openSol } from '../../../src/bmc/sol-client.ts';
import { waitFor } from '../../../src/wait.ts';
import type { ClientUnderTest, Login } from './client-under-test.ts';

/** Our own client with this suite, or with the one that it chooses. */
export function own(name: string, suite?: number): ClientUnderTest {
  const inSession = async <T>(login: Login, use: (client: IpmiClient) => Promise<T>): Promise<T> => {
    const level = privilege[login.privilege];
    const client = await connectIpmi({
      ...login,
      privilege: level,
      ...(suite === undefined ? {} : { suite }),
    });
    try {
      return await use(client);
    } finally {
      await client.close();
    }
  };
  const text = (login: Login, read: (client: IpmiClient) => Promise<unknown>) =>
    inSession(login, async (client) => JSON.stringify(await read(client)));
  return {
    name,
    powerStatus: (login) => inSession(login, readPower),
    power: (login, action) => inSession(login, (client) => setPower(client, action, 5_000)),
    setBoot: (login, device, persistent) =>
      inSession(login, (client) => setBoot(client, { device, efi: false }, persistent)),
    readBoot: async (login) => {
      const { valid, persistent, target } = await inSession(login, readBoot);
      return { device: valid ? target?.device : undefined, persistent: valid && persistent };
    },
    info: (login) => text(login, readDevice),
    sensors: (login) => text(login, readSensors),
    log: (login) => text(login, readLog),
    fru: (login) => text(login, readFru),
    console: (login, line, awaited) =>
      inSession(login, async (client) => {
        let seen = '';
        const console = await openSol(client, {
          data: (characters) => {
            seen += characters.toString('latin1');
          },
          ended: () => {},
        });
        console.write(Buffer.from(line));
        await waitFor(`"${awaited}"`, () => seen.includes(awaited) || undefined, { timeoutMs: 5_000 });
        await console.close();
        return seen;
      }),
  };
}

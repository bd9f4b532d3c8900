import type { BootDevice, PowerState } from '../../../src/bmc/chassis.ts';
import type { PowerActionName } from '../../../src/bmc/client-power.ts';

export interface Login {
  readonly address: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly privilege: 'user' | 'operator' | 'administrator';
}

/** An IPMI client, real or our own. A method rejects when the client says that it failed. */
export interface ClientUnderTest {
  readonly name: string;
  powerStatus(login: Login): Promise<PowerState>;
  power(login: Login, action: PowerActionName): Promise<void>;
  setBoot(login: Login, device: BootDevice, persistent: boolean): Promise<void>;
  readBoot(login: Login): Promise<{ device: string | undefined; persistent: boolean }>;
  /** The client's own words, as shown to a person. */
  info(login: Login): Promise<string>;
  sensors(login: Login): Promise<string>;
  log(login: Login): Promise<string>;
  fru(login: Login): Promise<string>;
  lan?(login: Login): Promise<string>;
  users?(login: Login): Promise<string>;
  /** Opens the serial console, types a line, and answers what was seen by the time that `awaited` was. */
  console?(login: Login, line: string, awaited: string): Promise<string>;
  /** Ends what the client keeps running. */
  close?(): void;
}

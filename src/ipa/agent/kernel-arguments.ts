/**
 * The kernel's command line as names and values. A name without `=` has the value ''; quotes hold blanks together;
 * of a name given twice the last counts.
 */
export function parseKernelArguments(line: string): ReadonlyMap<string, string> {
  const words = line.match(/(?:[^\s"]|"[^"]*")+/g) ?? [];
  return new Map(
    words.map((word) => {
      const plain = word.replaceAll('"', '');
      const at = plain.indexOf('=');
      return at < 0 ? [plain, ''] : [plain.slice(0, at), plain.slice(at + 1)];
    }),
  );
}

/** How the agent was told to work. */
export interface AgentSettings {
  /** Where Ironic's API is, without a slash at its end. */
  readonly apiUrl: string;
  /** Given by Ironic up to Newton: the agent then speaks the dialect of that time. */
  readonly driverName: string | undefined;
  /** Root device hints, `root_device=`, such as `serial=abc`. */
  readonly rootDevice: string | undefined;
  /** `ipa-insecure=1`: certificates are not checked. */
  readonly insecure: boolean;
  /** Comes with virtual media; by network it is given by the lookup. */
  readonly agentToken: string | undefined;
}

/** @returns undefined when no API is named, and so no agent wanted */
export function agentSettings(given: ReadonlyMap<string, string>): AgentSettings | undefined {
  const apiUrl = given.get('ipa-api-url')?.replace(/\/+$/, '');
  if (!apiUrl) return undefined;
  return {
    apiUrl,
    driverName: given.get('ipa-driver-name') || undefined,
    rootDevice: given.get('root_device') || undefined,
    insecure: given.get('ipa-insecure') === '1',
    agentToken: given.get('ipa-agent-token') || undefined,
  };
}

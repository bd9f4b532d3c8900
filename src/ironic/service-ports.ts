/** The TCP ports of the conductor, of its ramdisk (Juno's, where DevStack puts them), and of the agent. */
export const servicePorts = { api: 6385, http: 8080, ramdiskDone: 10_000, agent: 9999 } as const;

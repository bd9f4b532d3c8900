/** Each request, a line (access-log.ts), which the conductor reads. */
export const accessLog = '/var/log/file-server.log';

/** What the file server is started with. Paths are devstack's. */
export interface FileServerSettings {
  readonly addresses: readonly string[];
  readonly port: number;
  /** By the path that they are served under; the first that fits is taken. */
  readonly folders: Readonly<Record<string, string>>;
  readonly accessLog: string;
  readonly pidFile: string;
}

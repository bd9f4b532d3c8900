/** A request of a node for a file over HTTP, when its answer has ended. */
export interface FileRequest {
  /** When the answer ended, ISO 8601. */
  readonly at: string;
  readonly client: string;
  /** As it was asked for, percent-encoded (RFC 3986, section 2.1). */
  readonly path: string;
  readonly status: number;
  /** What was sent, header included. */
  readonly bytes: number;
  /** The Range header (RFC 9110, section 14.2), such as `bytes=1048576-`. */
  readonly range: string | undefined;
  readonly ms: number;
  /** The client got all of it. */
  readonly isWhole: boolean;
  readonly method: string;
}

/** A request as a line of an access log, in the order of the common log format. */
export function accessLogLine({ at, client, method, path, status, bytes, ...rest }: FileRequest): string {
  const { range, ms, isWhole } = rest;
  const end = isWhole ? 'whole' : 'broken off';
  // Percent-encoded: neither a quote nor a line end of a client's can be taken for the log's own.
  const ranged = range === undefined ? '-' : encodeURI(range);
  return `${client} - - [${at}] "${method} ${path}" ${status} ${bytes} "${ranged}" ${ms.toFixed(0)} ms, ${end}`;
}

/** Reads such a line; undefined for any other. */
export function parseAccessLog(line: string): FileRequest | undefined {
  const found =
    /^(\S+) - - \[(\S+)\] "([A-Z]+) (\S+)" (\d{3}) (\d+) "([^"]*)" (\d+) ms, (whole|broken off)$/.exec(line);
  if (!found) return undefined;
  const [, client = '', at = '', method = '', path = '', status, bytes, range = '', ms, end] = found;
  return {
    at,
    client,
    method,
    path,
    status: Number(status),
    bytes: Number(bytes),
    range: range === '-' ? undefined : decodeURI(range),
    ms: Number(ms),
    isWhole: end === 'whole',
  };
}

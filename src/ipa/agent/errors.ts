/** The kinds of failure that the agent's API knows, with the words and codes of ironic-python-agent's errors.py. */
const kinds = {
  InvalidCommandError: ['Invalid command', 400],
  InvalidCommandParamsError: ['Invalid command parameters', 400],
  Unauthorized: ['Unauthorized', 401],
  NotFound: ['Not found', 404],
  RequestedObjectNotFoundError: ['Not found', 404],
  DeviceNotFound: ['Error finding the disk or partition device to deploy the image onto', 404],
  AgentIsBusy: ['Agent is busy', 409],
  VersionMismatch: ['Hardware managers version mismatch, reload agent with correct version', 409],
  CommandExecutionError: ['Command execution failed', 500],
  ImageDownloadError: ['Error downloading image', 500],
  ImageChecksumError: ['Error verifying image checksum', 500],
  ImageWriteError: ['Error writing image to device', 500],
  InvalidImage: ['The provided image is not valid for use', 500],
  ConfigDriveTooLargeError: ['Configdrive is too large for intended partition', 500],
  ConfigDriveWriteError: ['Error writing configdrive to device', 500],
  BlockDeviceEraseError: ['Error erasing block device', 500],
  CleaningError: ['Clean step failed', 500],
  DeploymentError: ['Deploy step failed', 500],
  SystemRebootError: ['Error rebooting system', 500],
} as const satisfies Record<string, readonly [message: string, code: number]>;

export type AgentErrorType = keyof typeof kinds;

/** What Ironic sees of a failure: `command_error` of a command. */
export interface AgentErrorDocument {
  readonly type: string;
  readonly code: number;
  readonly message: string;
  readonly details: string;
}

/** A failure that is told to Ironic. `details` is a sentence that a person can act on. */
export class AgentError extends Error {
  readonly type: AgentErrorType;
  readonly details: string;

  constructor(type: AgentErrorType, details: string, options?: { cause?: unknown }) {
    super(`${kinds[type][0]}: ${details}`, options);
    this.name = type;
    this.type = type;
    this.details = details;
  }

  get code(): number {
    return kinds[this.type][1];
  }

  /** Its HTTP body: the fields of ironic-python-agent now (faultstring) and in Juno (type, code, message, details). */
  toDocument(): AgentErrorDocument & { readonly faultcode: string; readonly faultstring: string } {
    return {
      faultcode: this.code >= 500 ? 'Server' : 'Client',
      faultstring: this.message,
      type: this.type,
      code: this.code,
      message: kinds[this.type][0],
      details: this.details,
    };
  }
}

/** Any failure as one that Ironic can be told. */
export function asAgentError(error: unknown, type: AgentErrorType = 'CommandExecutionError'): AgentError {
  if (error instanceof AgentError) return error;
  return new AgentError(type, error instanceof Error ? error.message : String(error), { cause: error });
}

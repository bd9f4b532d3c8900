import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { makePrivateFolder } from './files.ts';
import { identify } from './process-identity.ts';

/**
 * Makes an empty folder for what is to be renamed to a place below the same parent when it is complete. Its name
 * tells the process, so that the drafts of a killed one are known.
 *
 * @param purpose one word, for whoever looks into the parent
 */
export function makeDraftFolder(parent: string, purpose: string): string {
  makePrivateFolder(parent);
  const self = identify(process.pid);
  return mkdtempSync(join(parent, `.${purpose}-${self?.pid}-${self?.startTicks}-`));
}

/** Removes the drafts below a parent whose processes have ended. */
export function sweepDraftFolders(parent: string): void {
  if (!existsSync(parent)) return;
  for (const name of readdirSync(parent)) {
    const [, pid, startTicks] = /^\.[a-z]+-(\d+)-(\d+)-\w+$/.exec(name) ?? [];
    if (pid === undefined || identify(Number(pid))?.startTicks === Number(startTicks)) continue;
    rmSync(join(parent, name), { recursive: true, force: true });
  }
}

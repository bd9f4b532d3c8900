import { closeSync, readdirSync, readFileSync } from 'node:fs';

/**
 * O_CLOEXEC (open(2)) as /proc/PID/fdinfo shows it, in octal. Node opens all its own files with it, and gives it to the
 * first sixteen that it finds open.
 */
const closeOnExec = 0o2000000;

/**
 * Closes the files that whoever started this process left open in it, beyond the standard three. Daemons of a lab would
 * inherit them, and hold a script's lock or pipe for as long as the lab is up.
 *
 * @param args the arguments of this process: those of the form /dev/fd/N, which a shell makes of <(COMMAND), stay open
 */
export function closeInheritedFiles(args: readonly string[]): void {
  for (const fd of readdirSync('/proc/self/fd').map(Number)) {
    if (fd > 2 && !args.includes(`/dev/fd/${fd}`) && isInherited(fd)) closeSync(fd);
  }
}

function isInherited(fd: number): boolean {
  try {
    const [, flags = ''] = /^flags:\s+([0-7]+)$/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8')) ?? [];
    return (Number.parseInt(flags, 8) & closeOnExec) === 0;
  } catch {
    // The one by which the folder was read.
    return false;
  }
}

import { shellQuote } from '../linux/shell-quote.ts';

/**
 * The script that runs a bundle's scenario on its topology again. It finds both beside itself, so that a bundle can be
 * moved, and takes the lab from the PATH or from $LAB.
 *
 * @param files the scenario's and the topology's, relative to the bundle
 */
export function replayScript(
  files: { readonly scenario: string; readonly topology: string },
  lab: string,
): string {
  return `#!/bin/sh
# Runs this scenario on this topology again; options of \`lab scenario\` can be added, such as --keep.
# LAB is the command that runs the lab, where it is not on the PATH: LAB="node path/to/lab.js" ./replay.sh
set -e
cd "$(dirname "$0")"
: "\${LAB:=lab}"
version=$($LAB --version)
[ "$version" = ${shellQuote(lab)} ] || echo "this was seen with lab ${lab}; $LAB is $version" >&2
exec $LAB scenario ${shellQuote(files.scenario)} --topology ${shellQuote(files.topology)} "$@"
`;
}

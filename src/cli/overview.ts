import type { Command, Help } from 'commander';

const examples = `Examples:
  lab up flat                      the flat provider network, in about a second
  lab scenario dhcp-from-physical  who reaches DHCP, proven from captures
  lab exec devstack -- ovs-vsctl show
  lab down                         and nothing is left`;

const notes = `Most commands take --json, --quiet, --debug; \`lab help COMMAND\` tells the rest.
Exit codes: 0 all well, 1 a claim failed, 2 wrong usage or input, 3 the lab
failed, 4 the machine lacks something, 130 interrupted.`;

/**
 * What `lab --help` prints: everything that there is, on one screen. Commands that are of a group share its line.
 */
export function overview(lab: Command, help: Help): string {
  const visible = help.visibleCommands(lab).filter((command) => command.name() !== 'help');
  const rows = visible
    .filter((command) => command.helpGroup() === '')
    .map((command) => [term(command), command.summary()] as const);
  const groups = [...new Set(visible.map((command) => command.helpGroup()))].filter((group) => group !== '');
  const groupRows = groups.map((group) => {
    const names = visible.filter((command) => command.helpGroup() === group).map((command) => command.name());
    return [group, names.join(', ')] as const;
  });
  const width = Math.max(...[...rows, ...groupRows].map(([text]) => text.length));
  const lines = [...rows, ...groupRows].map(([text, words]) => `  ${text.padEnd(width)}  ${words}`);
  return `${lab.description()}\n\nCommands:\n${lines.join('\n')}\n\n${examples}\n\n${notes}\n`;
}

function term(command: Command): string {
  const names = command.registeredArguments.map((argument) => {
    const name = argument.variadic ? `${argument.name()}...` : argument.name();
    return argument.required ? `<${name}>` : `[${name}]`;
  });
  return [command.name(), ...names].join(' ');
}

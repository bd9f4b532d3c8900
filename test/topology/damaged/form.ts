import { after, type Damaged, provider, refused } from './case.ts';

/** What is no YAML, or not of the shape of a topology. */
export const damagedForm: readonly Damaged[] = [
  // YAML itself
  refused('an empty file', '▸', 'found nothing, expected a mapping with networks'),
  refused('a list', '▸- networks', 'found a list, expected a mapping with networks'),
  refused(
    'a tab as indentation',
    'networks:\n▸\t- name: provider',
    'found text that is not YAML: Tabs are not allowed as indentation',
  ),
  refused(
    'an unclosed bracket',
    'networks: [▸',
    'found text that is not YAML: Flow sequence in block collection must be sufficiently indented and end with a ]',
  ),
  refused(
    'the same key twice',
    after('▸networks: []'),
    'found the same key twice in one mapping, expected it once; remove one',
  ),
  refused(
    'two documents',
    `${after('')}▸---\nrules: juno`,
    'found a second YAML document, expected one; remove the line ---',
  ),
  refused('an alias to itself', after('vms: &v [▸*v]'), 'found a list, expected a mapping'),
  refused(
    'an alias to nothing',
    after('vms: ▸*nodes'),
    'found *nodes, but no &nodes before it; add the anchor',
  ),
  refused(
    'an unknown tag',
    'networks: ▸!!python/object {}',
    'found text that is not YAML: Unresolved tag: tag:yaml.org,2002:python/object',
  ),
  refused(
    'a broken line, after which nothing fits',
    'rules\n# next\n▸networks:\n  - name: provider\nvms: []',
    'found text that does not belong here, expected the lines before it to go on; look there',
  ),
  // keys
  refused(
    'a misspelt key',
    after('▸interconect: veth'),
    'found the unknown key "interconect"; did you mean "interconnect"?',
  ),
  refused(
    'an unknown key',
    after('▸frobnicate: 1'),
    'found the unknown key "frobnicate", expected one of name, title, rules, interconnect, bridge_mappings, networks, external_network, routers, tunnel, vms, switch, management, servers, link_faults, capture_points; remove it',
  ),
  refused(
    'a misspelt key deep inside',
    after('servers:\n  - { name: a, kind: vm, ▸memory_mb: 512 }'),
    'found the unknown key "memory_mb"; did you mean "memory_mib"?',
  ),
  refused(
    'a key in an aliased mapping',
    after('vms: [&node { name: a, ▸cpu: 2 }, *node]'),
    'found the unknown key "cpu"; did you mean "cpus"?',
  ),
  refused('a missing section', '▸rules: juno', 'found no networks, expected a list; add it'),
  refused(
    'a missing name',
    after('vms:\n  - ▸cpus: 1'),
    'found no name, expected a name of 1 to 63 letters, digits, - and _, starting with a letter or digit; add it',
  ),
  refused(
    'a missing kind',
    after('servers:\n  - ▸name: a'),
    'found no kind, expected one of namespace, vm, external; add it',
  ),
  refused(
    'a missing network type',
    provider('▸{ physical_network: physnet1 }'),
    'found no network_type, expected one of flat, vlan, gre, vxlan, local; add it',
  ),
  refused(
    'a BMC on a namespace',
    after('servers:\n  - { name: a, kind: namespace, ▸bmc: {} }'),
    'found the unknown key "bmc", expected one of name, network, mac, ip, known, kind, count, vlan, port; remove it',
  ),
  // types and values
  refused('a text for a list', 'networks: ▸provider', 'found "provider", expected a list'),
  refused('an empty list', 'networks: ▸[]', 'found an empty list, expected at least one network'),
  refused('a list for a mapping', after('switch: ▸[]'), 'found an empty list, expected a mapping'),
  refused(
    'an empty value',
    after('▸title:'),
    'found nothing, expected a line of text; write a value, or remove the key',
  ),
  refused('a number for a text', after('title: ▸7'), 'found 7, expected a line of text'),
  refused(
    'a text for a number',
    after('vms:\n  - { name: a, cpus: ▸two }'),
    'found "two", expected a whole number from 1 to 64',
  ),
  refused(
    'a fraction',
    after('vms:\n  - { name: a, cpus: ▸1.5 }'),
    'found 1.5, expected a whole number from 1 to 64',
  ),
  refused(
    'too much',
    after('vms:\n  - { name: a, cpus: ▸65 }'),
    'found 65, expected a whole number from 1 to 64',
  ),
  refused(
    'too little',
    after('vms:\n  - { name: a, memory_mib: ▸32 }'),
    'found 32, expected a whole number from 64 to 1048576',
  ),
  refused(
    'a text for a boolean',
    after('vms:\n  - { name: a, known: ▸"no" }'),
    'found "no", expected true or false',
  ),
  refused(
    'a misspelt choice',
    after('rules: ▸jun0'),
    'found "jun0", expected one of juno, current, article; did you mean "juno"?',
  ),
  refused(
    'an unknown choice',
    after('rules: ▸havana'),
    'found "havana", expected one of juno, current, article',
  ),
  refused(
    'an unknown kind',
    after('servers:\n  - { name: a, kind: ▸container }'),
    'found "container", expected one of namespace, vm, external',
  ),
  refused(
    'an unknown network type',
    provider('{ network_type: ▸vlna, physical_network: physnet1 }'),
    'found "vlna", expected one of flat, vlan, gre, vxlan, local; did you mean "vlan"?',
  ),
  refused(
    'an unknown port mode',
    after('servers:\n  - { name: a, kind: vm, port: { mode: ▸hybrid } }'),
    'found "hybrid", expected one of transparent, access, trunk',
  ),
  refused(
    'a name with a space',
    after('vms:\n  - name: ▸my vm'),
    'found "my vm", expected a name of 1 to 63 letters, digits, - and _, starting with a letter or digit',
  ),
  refused(
    'a long text, shortened',
    after(`rules: ▸${'very '.repeat(40)}long`),
    'found "very very very very very very very very very very very v…, expected one of juno, current, article',
  ),
  refused(
    'a bridge without a wire',
    `bridge_mappings: { physnet1: ▸eth2 }\n${after('')}`,
    'found "eth2", expected a bridge named br-NIC (at most 15 characters), such as br-eth2 for the wire eth2',
  ),
  refused(
    'a physical network that is no name',
    `bridge_mappings: { ▸phys/1: br-eth2 }\n${after('')}`,
    'found "phys/1", expected a name of 1 to 63 letters, digits, - and _, starting with a letter or digit',
  ),
];

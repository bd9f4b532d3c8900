/** The variables of a localrc that say what the lab has to be. */
export const usedVariables = [
  'VIRT_DRIVER',
  'IRONIC_DEPLOY_DRIVER',
  'IRONIC_IPMIINFO_FILE',
  'IRONIC_HW_NODE_CPU',
  'IRONIC_HW_NODE_RAM',
  'IRONIC_HW_NODE_DISK',
  'IRONIC_VM_COUNT',
  'IRONIC_VM_SPECS_CPU',
  'IRONIC_VM_SPECS_RAM',
  'IRONIC_VM_SPECS_DISK',
  'Q_USE_PROVIDER_NETWORKING',
  'PROVIDER_NETWORK_TYPE',
  'SEGMENTATION_ID',
  'PHYSICAL_NETWORK',
  'OVS_PHYSICAL_BRIDGE',
  'PUBLIC_INTERFACE',
  'NETWORK_GATEWAY',
  'FIXED_RANGE',
  'ALLOCATION_POOL',
  'ENABLE_TENANT_VLANS',
  'TENANT_VLAN_RANGE',
  'PRIVATE_NETWORK_NAME',
] as const;

export type UsedVariable = (typeof usedVariables)[number];

/** Variables of DevStack that say nothing about networks and servers. */
const ofDevstack = new Set([
  'ADMIN_PASSWORD',
  'MYSQL_PASSWORD',
  'DATABASE_PASSWORD',
  'RABBIT_PASSWORD',
  'SERVICE_PASSWORD',
  'SERVICE_TOKEN',
  'SWIFT_HASH',
  'SWIFT_TEMPURL_KEY',
  'SWIFT_ENABLE_TEMPURLS',
  'HOST_IP',
  'SERVICE_HOST',
  'DEST',
  'DATA_DIR',
  'LOGFILE',
  'LOGDAYS',
  'LOG_COLOR',
  'SCREEN_LOGDIR',
  'VERBOSE',
  'DEBUG',
  'RECLONE',
  'PIP_UPGRADE',
  'OFFLINE',
  'GIT_BASE',
  'IMAGE_URLS',
  'DEFAULT_INSTANCE_TYPE',
  'IRONIC_BAREMETAL_BASIC_OPS',
  'IRONIC_ENABLED_DRIVERS',
  'IRONIC_BUILD_DEPLOY_RAMDISK',
  'IRONIC_VM_SSH_PORT',
  'IRONIC_VM_LOG_DIR',
  'IRONIC_VM_NETWORK_BRIDGE',
]);

/** A variable that the lab may pass over without a word. */
export function isKnown(name: string): boolean {
  return ofDevstack.has(name) || (usedVariables as readonly string[]).includes(name);
}

/** A variable whose value is shown to nobody. */
export function isSecret(name: string): boolean {
  return /PASS|TOKEN|SECRET|KEY|HASH/.test(name);
}

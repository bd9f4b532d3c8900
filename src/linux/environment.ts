/** Where daemons and administrators' programs are. An ordinary user's PATH may lack them. */
const systemFolders = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

/** Variables that would lead a program in a host to places, sockets or settings of the machine. */
const misleading = /^(OVS_|LIBVIRT_|VIRSH_|DBUS_|XDG_RUNTIME_DIR$|TMPDIR$|ENV$|BASH_ENV$)/;

/** The environment in which programs run in hosts and on the machine, made of this process's own. */
export function programEnvironment(own: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const entries = Object.entries(own).filter(([name]) => !misleading.test(name));
  const folders = (own.PATH ?? '').split(':').filter((folder) => folder !== '');
  return { ...Object.fromEntries(entries), PATH: [...new Set([...folders, ...systemFolders])].join(':') };
}

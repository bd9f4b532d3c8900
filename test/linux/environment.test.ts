import { expect, test } from 'vitest';
import { programEnvironment } from '../../src/linux/environment.ts';

test('an ordinary user’s PATH is completed, in its order and without doubles', () => {
  expect(programEnvironment({ PATH: '/home/me/bin:/usr/bin::/bin' }).PATH).toBe(
    '/home/me/bin:/usr/bin:/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/sbin',
  );
  expect(programEnvironment({}).PATH).toContain('/usr/sbin');
});

test('what would lead programs in a host to places of the machine is left out, the rest stays', () => {
  const own = { HOME: '/home/me', LANG: 'C', TERM: 'xterm', LAB_HOME: '/x', XDG_STATE_HOME: '/y' };
  const misleading = {
    OVS_RUNDIR: '/opt/ovs',
    LIBVIRT_DEFAULT_URI: 'qemu:///session',
    XDG_RUNTIME_DIR: '/run/user/1000',
    DBUS_SESSION_BUS_ADDRESS: 'unix:path=/run/user/1000/bus',
    TMPDIR: '/tmp/mine',
  };
  const { PATH: _, ...rest } = programEnvironment({ ...own, ...misleading });
  expect(rest).toEqual(own);
});

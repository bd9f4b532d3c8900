/** Privilege levels (IPMI 2.0 section 6.8). */
export const privilege = { none: 0, callback: 1, user: 2, operator: 3, administrator: 4 } as const;

/** The level in a user's or channel's access byte that means "no access". */
export const noAccess = 0x0f;

/** Whether `level` is one that a session can run at. */
export function isSessionPrivilege(level: number): boolean {
  return level >= privilege.callback && level <= privilege.administrator;
}

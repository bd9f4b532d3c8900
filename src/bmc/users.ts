/** The users of a BMC (IPMI 2.0 sections 6.9 and 22.26 to 22.31). A user's id is its place in the list, from 1. */
import { noAccess, privilege } from './privilege.ts';

export const userCount = 16;
export const nameLength = 16;
export const longestPassword = 20;

export interface User {
  /** Up to 16 characters of Latin-1; '' for the user without a name. */
  name: string;
  /** Hexadecimal, without trailing zero bytes. */
  password: string;
  /** How long a password the user was given: 16 bytes can log in by IPMI 1.5 too, 20 by RMCP+ only. */
  passwordSize: 16 | 20;
  enabled: boolean;
  /** The highest privilege; 15: no access. */
  privilege: number;
  /** IPMI messaging: without it the user cannot log in. */
  messaging: boolean;
  linkAuthentication: boolean;
  callbackOnly: boolean;
  serialOverLan: boolean;
}

/** A user who cannot log in. */
export function emptyUser(): User {
  return {
    name: '',
    password: '',
    passwordSize: 16,
    enabled: false,
    privilege: noAccess,
    messaging: false,
    linkAuthentication: false,
    callbackOnly: false,
    serialOverLan: false,
  };
}

/** An enabled user with this password, at most 20 bytes in UTF-8. */
export function enabledUser(name: string, password: string, level: number = privilege.administrator): User {
  const bytes = Buffer.from(password);
  return {
    name,
    ...passwordOf(bytes, bytes.length > 16 ? 20 : 16),
    enabled: true,
    privilege: level,
    messaging: true,
    linkAuthentication: true,
    callbackOnly: false,
    serialOverLan: true,
  };
}

/** The stored form of a password field: trailing zeros are no part of a password. */
export function passwordOf(field: Buffer, size: 16 | 20): Pick<User, 'password' | 'passwordSize'> {
  let end = field.length;
  while (end > 0 && field[end - 1] === 0) end -= 1;
  return { password: field.subarray(0, end).toString('hex'), passwordSize: size };
}

/** The user's password, as many bytes as it has. */
export function passwordBytes(user: User): Buffer {
  return Buffer.from(user.password, 'hex');
}

/** The user in a name field, without what follows the first zero byte. */
export function nameOf(field: Buffer): string {
  const end = field.indexOf(0);
  return field.subarray(0, end === -1 ? field.length : end).toString('latin1');
}

export function mayLogIn(user: User): boolean {
  return user.enabled && user.messaging && user.privilege !== noAccess;
}

/**
 * The id of the user who logs in under this name, or undefined. When several have the name, one whose limit
 * reaches `wanted` comes first (IPMI 2.0 section 13.20, the lookup by role and name).
 */
export function findLogin(users: readonly User[], name: string, wanted: number): number | undefined {
  const named = users
    .map((user, index) => ({ user, id: index + 1 }))
    .filter(({ user }) => mayLogIn(user) && user.name === name);
  return (named.find(({ user }) => user.privilege >= wanted) ?? named[0])?.id;
}

import { cpSync, mkdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { tftpRoot } from './tree.ts';

/** What firmware that boots by PXE is given, each by its name in the TFTP tree. */
export const bootloaders = {
  bios: 'pxelinux.0',
  /** iPXE, with the firmware's own driver for whichever network card it booted from. */
  efi: 'snponly.efi',
  /** The PXELINUX of UEFI, which reads the same configuration. */
  efiByTftp: 'syslinux.efi',
} as const;

const programs = [
  '/usr/lib/PXELINUX/pxelinux.0',
  '/usr/lib/syslinux/modules/bios/ldlinux.c32',
  '/usr/lib/ipxe/snponly.efi',
  '/usr/lib/SYSLINUX.EFI/efi64/syslinux.efi',
  '/usr/lib/syslinux/modules/efi64/ldlinux.e64',
];

/** Puts the boot loaders of firmware that boots by PXE into the TFTP tree. */
export function placeBootloaders(): void {
  mkdirSync(tftpRoot, { recursive: true, mode: 0o755 });
  for (const program of programs) cpSync(program, join(tftpRoot, basename(program)));
}

import { spawn } from 'node:child_process';
import { writeSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { AgentError } from './errors.ts';
import { readDisks } from './inventory.ts';

const zeros = new Uint8Array(2 ** 20);

/** What a config drive needs of a disk. All offsets and lengths are in bytes. */
export interface ByteDisk {
  readonly name: string;
  readonly size: number;
  /** Fewer bytes at the disk's end. */
  read(offset: number, length: number): Promise<Buffer>;
  write(offset: number, bytes: Uint8Array): Promise<void>;
  /** Waits until everything is on the disk. */
  sync(): Promise<void>;
}

/** A disk of this machine, or a file that stands for one. */
export class Disk implements ByteDisk {
  readonly name: string;
  readonly size: number;
  private readonly handle: FileHandle;
  private readonly isDevice: boolean;

  private constructor(name: string, size: number, handle: FileHandle, isDevice: boolean) {
    this.name = name;
    this.size = size;
    this.handle = handle;
    this.isDevice = isDevice;
  }

  /** @throws AgentError DeviceNotFound */
  static async open(name: string): Promise<Disk> {
    try {
      const handle = await open(name, 'r+');
      const stat = await handle.stat();
      const isDevice = stat.isBlockDevice();
      const size = isDevice ? (readDisks().find((disk) => disk.name === name)?.size ?? 0) : stat.size;
      return new Disk(name, size, handle, isDevice);
    } catch (error) {
      throw new AgentError('DeviceNotFound', `cannot open the disk ${name}: ${String(error)}`, {
        cause: error,
      });
    }
  }

  async read(offset: number, length: number): Promise<Buffer> {
    const { buffer, bytesRead } = await this.handle.read(Buffer.alloc(length), 0, length, offset);
    return buffer.subarray(0, bytesRead);
  }

  /** @throws AgentError ImageWriteError when it does not fit or the disk fails */
  async write(offset: number, bytes: Uint8Array): Promise<void> {
    if (offset + bytes.length > this.size) {
      throw new AgentError(
        'ImageWriteError',
        `Writing to device ${this.name} failed: byte ${offset + bytes.length} is beyond its ${this.size} bytes`,
      );
    }
    try {
      for (let done = 0; done < bytes.length; ) {
        // Waiting for a thread to write costs an emulated processor more than the writing.
        done += writeSync(this.handle.fd, bytes, done, bytes.length - done, offset + done);
      }
    } catch (error) {
      throw new AgentError(
        'ImageWriteError',
        `Writing ${bytes.length} bytes at ${offset} to device ${this.name} failed: ${String(error)}`,
        { cause: error },
      );
    }
  }

  /** Makes a range read as zeros: a disk that can do so itself is told to, so that no zeros are sent. */
  async zero(offset: number, length: number): Promise<void> {
    const end = Math.min(offset + length, this.size);
    const sector = 512;
    const isWhole = offset % sector === 0 && end % sector === 0;
    const isLong = end - offset > zeros.length;
    // A process is dearer than the writing of a few zeros.
    if (this.isDevice && isWhole && isLong && (await zeroBySelf(this.name, offset, end - offset))) return;
    for (let at = offset; at < end; at += zeros.length) {
      await this.write(at, zeros.subarray(0, Math.min(zeros.length, end - at)));
    }
  }

  async sync(): Promise<void> {
    await this.handle.sync();
  }

  async close(): Promise<void> {
    await this.handle.close();
  }
}

/** BLKZEROOUT by blkdiscard(8): the kernel has the disk do it, and writes zeros itself where the disk cannot. */
function zeroBySelf(name: string, offset: number, length: number): Promise<boolean> {
  return new Promise((resolve) => {
    const argv = ['--zeroout', '--force', '--offset', String(offset), '--length', String(length), name];
    const child = spawn('/sbin/blkdiscard', argv, { stdio: 'ignore' });
    child.on('error', () => resolve(false));
    child.on('exit', (code) => resolve(code === 0));
  });
}

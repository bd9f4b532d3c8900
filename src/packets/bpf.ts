import { uint16, uint32 } from './addresses.ts';

/** An instruction of the classic packet filter (McCanne and Jacobson 1993; bpf(4)). */
export interface BpfInstruction {
  readonly code: number;
  /** Instructions to skip when a comparison holds, and when it does not. */
  readonly jt: number;
  readonly jf: number;
  readonly k: number;
}

export type BpfProgram = readonly BpfInstruction[];

/** Parts of an instruction's code. */
const classes = { ld: 0, ldx: 1, st: 2, stx: 3, alu: 4, jmp: 5, ret: 6, misc: 7 } as const;
const sizes = { word: 0x00, half: 0x08, byte: 0x10 } as const;
const modes = {
  immediate: 0x00,
  absolute: 0x20,
  indirect: 0x40,
  memory: 0x60,
  length: 0x80,
  header: 0xa0,
} as const;
const sourceX = 0x08;

/** Only `protochain` jumps backwards; a program that goes round for longer than this is broken. */
const mostSteps = 10_000;

/**
 * A program as `tcpdump -ddd` prints it: the number of instructions, then one a line.
 *
 * @throws TypeError when it is not of that form
 */
export function parseBpf(text: string): BpfProgram {
  const [count, ...lines] = text.trim().split('\n');
  const program = lines.map((line) => {
    const [code, jt, jf, k] = line.trim().split(/\s+/).map(Number);
    if (code === undefined || jt === undefined || jf === undefined || k === undefined || Number.isNaN(k)) {
      throw new TypeError(`not a packet filter instruction: ${line}`);
    }
    return { code, jt, jf, k };
  });
  if (program.length !== Number(count))
    throw new TypeError(`${lines.length} instructions instead of ${count}`);
  return program;
}

/**
 * Whether the program accepts the frame `bytes[start..end)`. A read beyond the frame rejects it, as does a program
 * that does not end.
 *
 * @param length bytes on the wire
 */
export function accepts(
  program: BpfProgram,
  bytes: Uint8Array,
  start: number,
  end: number,
  length: number,
): boolean {
  const memory = new Uint32Array(16);
  let a = 0;
  let x = 0;
  let steps = mostSteps;
  for (let pc = 0; steps > 0; pc++, steps--) {
    const instruction = program[pc];
    if (!instruction) return false;
    const { code, jt, jf, k } = instruction;
    switch (code & 7) {
      case classes.ld:
      case classes.ldx: {
        const value = load(code, k, x, memory, bytes, start, end, length);
        if (value < 0) return false;
        if ((code & 7) === classes.ld) a = value;
        else x = value;
        break;
      }
      case classes.st:
        memory[k & 15] = a;
        break;
      case classes.stx:
        memory[k & 15] = x;
        break;
      case classes.alu: {
        const value = calculate(code & 0xf0, a, code & sourceX ? x : k);
        if (value < 0) return false;
        a = value;
        break;
      }
      case classes.jmp:
        pc += (code & 0xf0) === 0 ? k | 0 : compares(code & 0xf0, a, code & sourceX ? x : k) ? jt : jf;
        break;
      case classes.ret:
        return ((code & 0x18) === 0x10 ? a : k) !== 0;
      default:
        if (code & 0x80) a = x;
        else x = a;
    }
  }
  return false;
}

/** The value a load gives; -1 beyond the frame. */
function load(
  code: number,
  k: number,
  x: number,
  memory: Uint32Array,
  bytes: Uint8Array,
  start: number,
  end: number,
  length: number,
): number {
  switch (code & 0xe0) {
    case modes.immediate:
      return k;
    case modes.absolute:
      return read(code & 0x18, bytes, start + k, end);
    case modes.indirect:
      return read(code & 0x18, bytes, start + ((x + k) >>> 0), end);
    case modes.memory:
      return memory[k & 15] as number;
    case modes.length:
      return length;
    case modes.header: {
      // Four times the low half of a byte: the length of an IPv4 header.
      const byte = read(sizes.byte, bytes, start + k, end);
      return byte < 0 ? byte : (byte & 15) * 4;
    }
    default:
      return -1;
  }
}

function read(size: number, bytes: Uint8Array, at: number, end: number): number {
  switch (size) {
    case sizes.word:
      return at + 4 > end ? -1 : uint32(bytes, at);
    case sizes.half:
      return at + 2 > end ? -1 : uint16(bytes, at);
    default:
      return at + 1 > end ? -1 : (bytes[at] as number);
  }
}

/** Unsigned 32-bit arithmetic; -1 for a division by zero. */
function calculate(operation: number, a: number, b: number): number {
  switch (operation) {
    case 0x00:
      return (a + b) >>> 0;
    case 0x10:
      return (a - b) >>> 0;
    case 0x20:
      return Math.imul(a, b) >>> 0;
    case 0x30:
      return b === 0 ? -1 : Math.floor(a / b);
    case 0x40:
      return (a | b) >>> 0;
    case 0x50:
      return (a & b) >>> 0;
    case 0x60:
      return b > 31 ? 0 : (a << b) >>> 0;
    case 0x70:
      return b > 31 ? 0 : a >>> b;
    case 0x80:
      return -a >>> 0;
    case 0x90:
      return b === 0 ? -1 : a % b;
    case 0xa0:
      return (a ^ b) >>> 0;
    default:
      return -1;
  }
}

function compares(operation: number, a: number, b: number): boolean {
  switch (operation) {
    case 0x10:
      return a === b;
    case 0x20:
      return a > b;
    case 0x30:
      return a >= b;
    default:
      return (a & b) !== 0;
  }
}

import { FragmentTable } from './fragments.ts';
import { TftpTransfers } from './tftp-transfers.ts';

/** What decoding the frames of a capture, in order, has to remember from frame to frame. */
export class Conversations {
  /** Interface of the frame at hand: one fragment seen at two points of a lab is two fragments. */
  point = -1;
  readonly fragments = new FragmentTable();
  readonly tftp = new TftpTransfers();
}

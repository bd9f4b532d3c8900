import { FragmentTable } from './fragments.ts';
import { TftpTransfers } from './tftp-transfers.ts';

/** What decoding the frames of one capture point, in order, has to remember from frame to frame. */
export class Conversations {
  readonly fragments = new FragmentTable();
  readonly tftp = new TftpTransfers();
}

import type { LabPlan } from '../lab/plan.ts';
import { restoreDevstack } from '../lab/restore-devstack.ts';
import type { Host } from '../linux/host.ts';
import { formatFlow } from '../ovs/flow.ts';
import { dumpFlows } from '../ovs/openflow.ts';
import { endSwitch, restartSwitch } from '../ovs/vswitch.ts';
import { waitFor } from '../wait.ts';

const noticeTimeoutMs = 20_000;

/** devstack's Open vSwitch as a process that may end. */
export class VirtualSwitch {
  private readonly devstack: Host;
  private readonly plan: LabPlan['devstack'];

  constructor(devstack: Host, plan: LabPlan['devstack']) {
    this.devstack = devstack;
    this.plan = plan;
  }

  /** The rules of the bridges that the agent programs, as ovs-ofctl(8) reads them, sorted; without counters. */
  async rules(): Promise<string[]> {
    const { flows, protocol } = this.plan.rules;
    const dumped = await Promise.all(
      Object.keys(flows).map(async (bridge) =>
        (await dumpFlows(this.devstack, bridge, protocol)).map((flow) => `${bridge}: ${formatFlow(flow)}`),
      ),
    );
    return dumped.flat().sort();
  }

  /** Kills ovs-vswitchd and starts it on the database it had: it comes up with every bridge and port and no rule. */
  async restart(): Promise<void> {
    await endSwitch(this.devstack);
    await restartSwitch(this.devstack);
  }

  /**
   * Does what Neutron's agents do in their loop: looks until br-int has lost its rules, then installs them again, and plugs
   * what has to be plugged. Answers when that is done.
   */
  async agentNotices(): Promise<void> {
    await waitFor(
      'br-int to lose its rules',
      async () => {
        const rules = await dumpFlows(this.devstack, 'br-int', this.plan.rules.protocol);
        return rules.length === 0 ? true : undefined;
      },
      { timeoutMs: noticeTimeoutMs },
    );
    await restoreDevstack(this.devstack, this.plan);
  }
}

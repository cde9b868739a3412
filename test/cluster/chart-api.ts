import { ApiServerProcess } from './api-server-process.ts';
import { KUBECTL, runTool, type Ended } from './chart-tools.ts';

/** An API server of one test file alone, which may change what all namespaces share, as helm and kubectl see it. */
export class ChartApi extends ApiServerProcess {
  /** For programs that speak to the API by themselves. */
  get server(): { url: string; caFile: string } {
    return this.address;
  }

  /** For helm and kubectl. */
  get env(): Record<string, string> {
    return { KUBECONFIG: this.address.kubeconfig, HELM_CACHE_HOME: this.file('helm') };
  }

  /** Ends the server and removes its data. */
  stop(): Promise<void> {
    return this.close();
  }

  kubectl(args: readonly string[], input = ''): Promise<Ended> {
    return runTool(KUBECTL, args, { env: this.env, input });
  }
}

/** A sharing tag as one pod sees it. */
export interface TagStatus {
  tag: string;
  /** '' while no owner is known. */
  owner: string;
  epoch: number;
  /** This pod's part in it. */
  role: 'owner' | 'standby' | 'holder' | 'none';
  /** Whether this pod owns the tag and holds its lease. */
  acting: boolean;
  inSync: boolean;
  standbys: string[];
  standbysInSync: string[];
  /** Copies that this pod holds of the tag's dialogs. */
  copies: number;
}

/** A member of the roster as one pod sees it. */
export interface MemberStatus {
  pod: string;
  role: 'proxy' | 'witness';
  alive: boolean;
  linked: boolean;
  voter: boolean;
}

/** Body of GET /debug/status. */
export interface PodStatus {
  pod: string;
  cluster: string;
  role: 'proxy' | 'witness';
  boot: string;
  ready: boolean;
  /** Why it is not ready; '' if it is. */
  reason: string;
  draining: boolean;
  roster: { number: number; majority: number; conflict: boolean };
  members: MemberStatus[];
  tags: TagStatus[];
  dialogs: { early: number; confirmed: number };
  /** Legs of this pod's dialogs whose endpoint is known to send here, and those whose is not. */
  legs: { home: number; away: number };
  transactions: number;
  timers: number;
  heldMessages: number;
}

/** One leg of a dialog. */
export interface LegReport {
  side: 'caller' | 'callee';
  callId: string;
  remoteTarget: string;
  listener: string;
  transport: 'UDP' | 'TCP';
  /** Pod and epoch that the endpoint was last proven to send to. */
  home: { pod: string; epoch: number };
  /** `settled`: nothing is known against it; `refused`, `unreached`: its re-home is tried again. */
  standing: 'settled' | 'refused' | 'unreached';
  /** Status code of the last refusal, 0 if none. */
  status: number;
  attempts: number;
}

/** One dialog of a pod. */
export interface DialogReport {
  id: string;
  tag: string;
  owner: string;
  epoch: number;
  version: number;
  state: 'early' | 'confirmed';
  /** Seconds since the call was answered, since it began while it rings. */
  ageSeconds: number;
  rehoming: boolean;
  legs: [LegReport, LegReport];
}

/** Body of GET /debug/dialogs. */
export interface DialogsReport {
  pod: string;
  /** How many there are; `dialogs` may hold fewer. */
  total: number;
  dialogs: DialogReport[];
}

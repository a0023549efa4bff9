// The surfaces that the bot fills, as Slack's own types tell them; KnownBlock, because AnyBlock lets every block pass.
import type { HomeView, KnownBlock, ModalView } from "@slack/types";

type Known<View> = Omit<View, "blocks"> & { blocks: KnownBlock[] };

export type Message = KnownBlock[];
export type Home = Known<HomeView>;
export type Modal = Known<ModalView>;

import { type Random, Weighted } from './random.ts';

/** Words in about so many of all tickets, planted: whoever measures a search knows what it must find. */
export const planted = { common: 'outlook', hundredth: 'certificate', seldom: 'kerberos' } as const;
const PARTS = { common: 0.1, hundredth: 0.01, seldom: 0.0001 } as const;
/** A word in so many tickets of a desk, however large it is. */
export const rare = { word: 'quenlivar', tickets: 20 } as const;

/** Of a language, the words that stand in nearly every text. */
const frequent = `the is to and a in on of for not it after was with this since has when from are at be user users we
 that can no have cannot please but as all an by still error message again been they their only during about`;
const ours = `access account active address agent alarm alert antenna application approval archive asset attachment audit
 authentication backup badge balance bandwidth barcode battery billing bios blocked boot branch bridge browser budget buffer
 build building cable cache calendar call camera card cartridge catalogue channel charge client clock closed cloud
 cluster code command confirmed connect connection console contract controller cooling copy corrupt counter cpu crash
 credentials customer dashboard data database deadline default delay deleted delivery demand denied deployment desk desktop
 device dial directory disabled disconnected disk display dock document domain dongle download driver drops duplex duplicate
 echo email empty enabled encryption endpoint engine enrolment escalated ethernet event exception expired export extension
 external failed failover failure fan fault feature field file filesystem filter finance firewall firmware floor folder form
 format forwarding freezes frequency gateway graphics group guest handset hang hardware headset heartbeat helpdesk host
 hostname hotfix hour hub icon identity idle image import inbox incident index installed integration interface intermittent
 internal internet intranet inventory invoice issue job journal kernel key keyboard kiosk label laptop latency layer leak
 ledger level library licence limit line link list listener load local locked lockout log login lost mailbox maintenance
 manager mapping maximum meeting memory menu meter microphone migration minutes missing mobile mode model modem module monitor
 monitoring motherboard mount mouse network node noise notebook notification number office offline online operator optical
 order outage output owner packet page paging pair panel paper partition partner password patch path payment payroll
 peer performance permission phone pin ping pipeline platform plug plugin policy pool port portal power prefix presentation
 print printer priority process processor profile project prompt protocol provider proxy pulse purchase quality query queue quota
 rack radio range reader reboot receipt receiver record recovery redirect refresh refused region registry reject release
 reload remote rename renewal repeated replaced replication report request reserve reset resolution restart restore
 retry return review role rollback room root router routing rule runtime sales sandbox scanner schedule scope screen script
 search second secure security segment sensor serial server service session setting setup share shipment shutdown signal
 signature site slow snapshot socket software source space speaker spool stack staff stalled standby station status stock
 storage store stream subnet subscription supplier support suspended switch sync system table tablet tape task template
 temporary tenant terminal test thread throughput ticket timeout token tool topology traffic transaction transfer trunk tunnel
 unable undelivered unexpected unit unknown unlock unreachable unstable update upgrade upload usage utility valid vendor
 version video virtual voice volume vpn wallet warehouse warning watchdog webcam website window wireless wiring workflow
 workspace workstation zone`;

const GENERATED = 40_000;
const SYLLABLES =
  'ba be bo cor dan del dor fen gal gar hel iv jen kal kor lan lem lin mar mel nor nos pal pen quor ral ren ros sal ser sol tan tel tor ul van vel vis wen xan yor zel'.split(
    ' ',
  );

const wordsOf = (text: string): string[] => text.split(/\s+/).filter(Boolean);

/** Names of hosts, products and people, as they fill a desk's texts: thousands, each of them seldom. */
function generatedWords(random: Random): string[] {
  const words = new Set<string>();
  while (words.size < GENERATED) {
    const syllables = Array.from({ length: random.between(2, 4) }, () => random.pick(SYLLABLES)).join('');
    words.add(random.chance(0.3) ? `${syllables}${random.between(1, 99)}` : syllables);
  }
  return [...words];
}

/** By Zipf's law the word of rank r comes 1/r times as often as the first. */
const byZipf = (words: readonly string[]): Weighted<string> =>
  new Weighted(words.map((word, index) => [word, 1 / (index + 1)]));

/** What titles and descriptions are made of. */
export class Prose {
  readonly #random: Random;
  readonly #running: Weighted<string>;
  readonly #subjects: Weighted<string>;
  readonly #every: number;

  /** @param size how many tickets there will be, among which the rare word is spread */
  constructor(random: Random, size: number) {
    this.#random = random;
    const made = generatedWords(random);
    this.#running = byZipf([...wordsOf(frequent), ...wordsOf(ours), ...made]);
    this.#subjects = byZipf([...wordsOf(ours), ...made]);
    this.#every = Math.max(1, Math.floor(size / rare.tickets));
  }

  title(): string {
    const words = this.words(this.#random.between(5, 10), this.#subjects);
    return words.charAt(0).toUpperCase() + words.slice(1);
  }

  /** @param index of the ticket, which decides about the rare word */
  description(index: number): string {
    const extra = [
      ...(Object.keys(planted) as (keyof typeof planted)[])
        .filter((word) => this.#random.chance(PARTS[word]))
        .map((word) => planted[word]),
      ...(index % this.#every === this.#every >> 1 ? [rare.word] : []),
    ];
    const before = this.words(this.#random.between(15, 60));
    return `${before}${extra.map((word) => ` ${word}`).join('')}.\n\n${this.words(this.#random.between(15, 60))}.`;
  }

  words(count: number, of: Weighted<string> = this.#running): string {
    let text = of.pick(this.#random);
    for (let n = 1; n < count; n += 1) text += ` ${of.pick(this.#random)}`;
    return text;
  }
}

// The invented city of Merrowhaven. Every name is made up for this project; no place is meant.
// A name is followed by what people call it, separated by |. No name is contained in another one.

import type { ClassName } from './place-classes.ts';

export const CITY = 'Merrowhaven';

/** A group of places about one spot; `east` and `north` are kilometres from the middle of the city. */
export type Site = {
  readonly name: string;
  readonly east: number;
  readonly north: number;
  /** Rings of cells over which its places lie. */
  readonly rings: 1 | 2;
  /** Factor on the people of its places. */
  readonly busy: number;
  /** How a planted excess behaves here; null where none is ever planted. */
  readonly excess: ExcessName | null;
  readonly places: Readonly<Partial<Record<ClassName, readonly string[]>>>;
};
export type ExcessName =
  | 'closing time'
  | 'small hours'
  | 'after school'
  | 'shopping'
  | 'match day'
  | 'evening';

export const SITES: readonly Site[] = [
  {
    name: 'City centre',
    east: 0.1,
    north: 0,
    rings: 2,
    busy: 1,
    excess: null,
    places: {
      clubStreet: ['Ropewalk Street|the Ropewalk|Ropewalk St'],
      shopStreet: [
        'Tallow Street|Tallow St',
        'Mercery Row',
        'Cordwainer Street|Cordwainers',
        'Bellfounder Way',
      ],
      street: ['Hatpin Alley', 'Bobbin Passage', 'Candlemaker Yard', 'Ostler Street|Ostler St'],
      club: [
        'Club Barnacle|Barnacles',
        'Phosphor',
        'The Velvet Limpet|Velvet Limpet|the Limpet',
        'Kaleido Lounge|Kaleido',
        'Undertow',
      ],
      bar: [
        'Juniper & Wry|Juniper and Wry',
        'Bar Pelican|Pelican Bar',
        'The Copper Ladle|Copper Ladle',
        'Sorrel & Smoke|Sorrel and Smoke',
        'Zigzag Rooms|Zigzags',
        'The Lemon Cellar|Lemon Cellar',
        'Nine Buoys|9 Buoys',
        'The Tipsy Curlew|Tipsy Curlew',
        'Marmalade Social',
      ],
      pub: [
        'The Crooked Herring|Crooked Herring|the Herring',
        "The Bishop's Kettle|Bishops Kettle",
        "The Cobbler's Elbow|Cobblers Elbow",
        'The Grey Bellwether|Grey Bellwether|the Bellwether',
        'The Three Tinkers|Three Tinkers|3 Tinkers',
        'The Sixpenny Moon|Sixpenny Moon|the Sixpenny',
        'The Quarrelsome Goat|Quarrelsome Goat|the Goat',
        'The Unlikely Badger|Unlikely Badger',
      ],
      takeaway: ['Doner Horizon', 'Chips with Everything'],
      transport: [
        'Merrowhaven Central|Central station|train station',
        'Tallowgate Taxi Rank|Tallowgate rank',
      ],
      precinct: ['Halyard Centre|Halyard shopping centre|Halyards'],
      shop: ['Fenwright & Company|Fenwrights'],
      public: ['Saltgate Square|Saltgate Sq', 'Central Library', 'Guildry Multi-storey|Guildry car park'],
    },
  },
  {
    name: 'Lantern Quay',
    east: 2.0,
    north: -1.3,
    rings: 1,
    busy: 0.14,
    excess: 'closing time',
    places: {
      clubStreet: ['Lantern Quay'],
      club: ['Bathysphere', 'The Neon Kipper|Neon Kipper'],
      bar: ['The Rum Locker|Rum Locker', "Captain Plum's|Captain Plums", 'Periwinkle Bar|Periwinkles'],
      pub: ['The Salty Parson|Salty Parson', 'The Net Loft|Net Loft'],
      takeaway: ['Wok This Bay'],
      transport: ['Ferry Terminal|ferry port'],
    },
  },
  {
    name: 'Vinegar Lane',
    east: -1.9,
    north: 0.6,
    rings: 1,
    busy: 0.16,
    excess: 'small hours',
    places: {
      clubStreet: ['Vinegar Lane|Vinegar Ln'],
      takeaway: ['Kebab Galaxy', 'Chicken Parliament', 'Halibut Express', 'Pizza Pronto Pronto'],
      club: ['Hullabaloo|Hullabaloos'],
      bar: ['Gherkin Social'],
      pub: ['The Pickled Admiral|Pickled Admiral'],
      shop: ['Midnight Minimart'],
    },
  },
  {
    name: 'Fiddlers Gate',
    east: 0.3,
    north: 2.1,
    rings: 1,
    busy: 0.22,
    excess: 'after school',
    places: {
      transport: ['Fiddlers Gate Interchange|Fiddlers Gate bus station|bus station'],
      shopStreet: ['Turnpike Parade'],
      takeaway: ['Sausage Junction', 'Bunn & Gone|Bunn and Gone'],
      school: ['Larkspell Academy|Larkspell school'],
      pub: ['The Late Omnibus|Late Omnibus'],
      shop: ['Penny Bazaar'],
      street: ['Postillion Road|Postillion Rd'],
    },
  },
  {
    name: 'Gannet Fields',
    east: 3.0,
    north: 0.9,
    rings: 1,
    busy: 0.2,
    excess: 'shopping',
    places: {
      precinct: ['Gannet Fields|Gannet Fields retail park'],
      shop: ['Spanner World', 'The Sofa Foundry|Sofa Foundry'],
      takeaway: ['Burger Lagoon'],
      shopStreet: ['Windlass Way'],
      public: ['Gannet Odeum|the Odeum', 'Skittle Palace'],
      bar: ['Pin & Tonic|Pin and Tonic'],
    },
  },
  {
    name: 'Mariners Ground',
    east: -3.0,
    north: -0.8,
    rings: 1,
    busy: 0.22,
    excess: 'match day',
    places: {
      arena: ['Mariners Ground|the Mariners|Mariners stadium'],
      pub: ['The Offside Rule|Offside Rule', 'The Moulting Cormorant|Moulting Cormorant|the Cormorant'],
      shopStreet: ['Corner Flag Road|Corner Flag Rd'],
      takeaway: ['Pie Division One'],
      transport: ['Groundside Halt|Groundside station'],
      street: ['Terrace Hill', 'Linesman Street|Linesman St'],
    },
  },
  {
    name: 'Osier Green',
    east: -0.9,
    north: -1.9,
    rings: 1,
    busy: 0.24,
    excess: 'evening',
    places: {
      shopStreet: ['Osier Green Parade|Osier parade'],
      shop: ['Bargain Lighthouse', 'Suds Laundrette|the laundrette'],
      takeaway: ['Golden Whelk'],
      pub: ['The Withy Basket|Withy Basket'],
      park: ['Osier Green Rec|Osier rec'],
      street: ['Basketmaker Court', 'Sedge Walk'],
      public: ['Osier Youth Hub|youth hub'],
    },
  },
];

/** Places that lie anywhere in the city. */
export const SCATTERED: Readonly<Partial<Record<ClassName, readonly string[]>>> = {
  pub: [
    'The Ferret & Trouserleg|Ferret and Trouserleg|the Ferret',
    "The Apothecary's Dog|Apothecarys Dog",
    'The Second Lobster|Second Lobster|the Lobster',
    'The Patient Otter|Patient Otter|the Otter',
    'The Dangling Participle|Dangling Participle',
    'The Trombone Maker|Trombone Maker',
    'The Whistling Kipper|Whistling Kipper',
    "The Miller's Excuse|Millers Excuse",
    'The Drowned Compass|Drowned Compass',
    'The Hedgehog & Ladder|Hedgehog and Ladder',
    'The Smuggling Vicar|Smuggling Vicar',
    'The Upturned Dinghy|Upturned Dinghy',
    'The Polite Bull|Polite Bull',
    'The Forty Puffins|Forty Puffins|40 Puffins',
  ],
  school: [
    'Brinebank High|Brinebank school',
    'Tarrow Comprehensive|Tarrow Comp',
    'Hollowmere Primary',
    'Gullgate College',
    'Netherwick Juniors',
    'Quillbrook Sixth Form',
    'St Aldreda Academy|St Aldredas',
  ],
  park: [
    'Plimsoll Gardens',
    'Fennimoor Common',
    'Kestrel Heath',
    'Duckboard Park',
    'Cockle Strand|Cockle beach',
    'Signal Hill Park',
    'Watermeadow Rec',
  ],
  work: ['Merrow Cold Store', 'Driftwood Call Centre', 'Anvil Trading Estate', 'Fishgate Market'],
  transport: ['Brinebank Halt', 'Quillbrook Parkway', 'Candlewick Tram Stop'],
  takeaway: ['Dragon Pagoda House', 'Codswallop', 'Spice Harbour', 'Crispy Pengwin'],
  public: [
    'Merrowhaven Infirmary|the Infirmary|hospital grounds',
    'Minor Injuries Quillbrook',
    'Brinebank Leisure Centre|Brinebank baths',
    'Old Lido',
    'Lifeboat Museum',
    'Tarrow Community Hall',
  ],
  shop: ['Value Galleon', 'Pots & Pansies|Pots and Pansies garden centre'],
  street: [
    'Gorse Terrace',
    'Limekiln Road|Limekiln Rd',
    'Plover Street|Plover St',
    'Teasel Avenue|Teasel Ave',
    'Bramblecote Road|Bramblecote Rd',
    'Samphire Close',
    'Whimbrel Drive',
    'Oarsman Street|Oarsman St',
    'Pepperpot Lane',
    'Thrift Crescent',
    'Marram Road|Marram Rd',
    'Cuttlebone Hill',
    'Dulse Terrace',
    'Sandpiper Grove',
    'Tidemill Road|Tidemill Rd',
    'Beacon Rise',
    'Bosun Street|Bosun St',
    'Yarrow Bank',
    'Turnstone Avenue|Turnstone Ave',
    'Gimlet Street|Gimlet St',
    'Fathom Road|Fathom Rd',
    'Kelpie Close',
    'Capstan Terrace',
    'Dunlin Way',
    'Hawser Street|Hawser St',
    'Pilchard Row',
    'Clamshell Drive',
    'Spindrift Road|Spindrift Rd',
    'Ballast Lane',
    'Eiderdown Street|Eiderdown St',
    'Bulrush Avenue|Bulrush Ave',
    'Guillemot View',
    'Sextant Road|Sextant Rd',
    'Barleymow Hill',
    'Nutmeg Street|Nutmeg St',
    'Treacle Mount',
    'Sundial Grove',
    'Woodlark Road|Woodlark Rd',
    'Foxglove Terrace',
    'Oystercatcher Way',
    'Halfpenny Lane',
    'Quince Street|Quince St',
    'Topsail Avenue|Topsail Ave',
    'Rudder Close',
    'Mizzen Road|Mizzen Rd',
    'Bluebottle Lane',
    'Hornpipe Street|Hornpipe St',
    'Scrimshaw Road|Scrimshaw Rd',
    'Lobelia Gardens',
    'Skylark Rise',
    'Cobnut Terrace',
    'Wherry Street|Wherry St',
    'Ferrule Road|Ferrule Rd',
    'Damson Drive',
  ],
};

/** Small streets that the gazetteer does not hold, for junctions. */
export const MINOR_STREETS: readonly string[] = [
  'Hatters Cut',
  'Mill Steps',
  'Back Wynd',
  'Parson Ginnel',
  'Eel Alley',
  'Smithy Ope',
  'Long Twitten',
  'Cats Hole',
];

/** The wards: first the middle, then the inner ring, then the outer one. */
export const WARDS: readonly (readonly string[])[] = [
  ['Ropewalk'],
  ['Candlewick', 'Saltgate', 'Netherwick', 'Osierholm', 'Vinegar Hill', 'Fiddlers Gate', 'Tallowgate'],
  [
    'Quillbrook',
    'Larkspell',
    'Gannet Fields',
    'Lanternside',
    'Brinebank',
    'Cockle Strand',
    'Marramside',
    'Osier Green',
    'Mariners',
    'Tarrow',
    'Hollowmere',
    'Fennimoor',
    'Kestrel Heath',
    'Gullgate',
  ],
];

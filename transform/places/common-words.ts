/** Words that texts of locations use for other things than names. */

const set = (text: string): ReadonlySet<string> => new Set(text.split(/\s+/).filter(Boolean));

/** Small words of a name that people leave out or put in. */
export const SKIPPED: ReadonlySet<string> = set('and of n y yr a an amp ye olde gyfun gymraeg');

/** Words that are right as they stand: never taken for a slip in a name. */
export const COMMON: ReadonlySet<string> = set(`
student students holiday holidays live family market theatre corner post village mill old royal school street road lane avenue place bar bars
inn arms tavern shop store stores centre kitchen coffee fish chips pizza kebab burger chicken food tea cake cakes central
international national british english american chinese indian italian turkish spanish german french star sun moon lion
red green blue white black gold golden silver crown
about above across after again against alleged alleging allegedly all along also am an another any area around as asked
assault assaulted assailant at attack attacked away back bad bar be because been before behind being beside between big
bit black blue both bottle bottled bouncer bouncers boy boys bridge bus busy but by came can cannot car carpark cash
cashpoint cinema city claims close club clubbing clubs coming corner could couldnt crossing cut dance dark day days
dealing did didnt does doesnt doing done door doors doorman doormen down drinking drive driving drunk during earlier
east edge end english entering entrance evening event exact exit facing far fell fight fighting fire fist floor food
foot football for forecourt found friday friend friends from front game gang gate getting girl girls given glass glassed
goes going gone got group guy guys had hall has have having he head her here him his hit hospital hours how if in
injured injury inside into is it its job just kebab kicked kids king knocked known ladies lads lady large last late
later left lights like line little local location lost lot main male males man many market match me men met middle
midnight might minutes monday more morning most mugged mugging my name near nearby nearest never new next night no
nobody north not nothing notes now number off office old on one only onto opp opposite or other our out outside over
own park parked party passing past patient patients path people phone pitch place platform play playing please point
police possibly pt pts pub pubs public punched put queue queuing quite rear recall refused remember remembers returning
right river road robbed room round row said same saturday saw say says school see seen served several she shop shopping
shops side sitting sixth slip small smoking some someone somewhere south spot square staff stage stairs standing stated
states station steps still stop stood store street stranger sunday sure taken taxi tell than that the their them then
there they think thinks this three thrown thursday till time times today toilet toilets told tonight took top tower
town train tried trying tuesday turned two under underpass unknown unsure until up upstairs us used vague very via
victim vicinity wales waiting walk walked walking wall wanted was way we wednesday weekend welsh went were west wet
what when where which while white who whole wife will with within without woman women work working works world would
year years yes yesterday yet you young youth youths nk unk uk na tbc approx approximately gp ed ae amu wmas amb yard
gym beach path lane alley alleyway tunnel woods field fields pool court hotel restaurant cafe takeaway library church
college uni university surgery clinic bank castle green grass common house home flat flats ground grounds house horse
second first third fourth fifth west side centre center retail estate industrial unit units building buildings complex
metro tram airport harbour quay pier port docks dock bay stadium arena theatre museum services service garage petrol
round about roundabout traffic stairwell lift steps bench playground play court tennis golf rugby cricket
hockey boxing swimming leisure sports sport social event festival concert gig fair fairground circus parade marathon
blood bleed broken jaw nose eye face arm hand hands leg knife knives stabbed bat brick stone chair table drink drinks
beer wine spiked pushed shoved slapped bitten jumped thrown dragged chased followed approached grabbed
gan wrth ger tu allan mewn ar yn y yr i o ol cefn blaen rhwng chornel gornel cornel ym yng dros dan heibio tafarn
siop ysgol gorsaf maes parcio stryd heol ffordd
fits felt feels lives living lived stays stayed staying nothing bars clubs tents camp camping works
teacher teachers pupil pupils colleague colleagues manager customer customers security officer officers driver drivers
nhs cctv facebook message contact mobile tel number text call calls ring rang
accident random incident event events location venue address place somewhere anywhere everywhere exactly further details
detail info information record recorded remember doesn don dont wont wouldnt knows know
`);

/** Nouns by which a name says only what kind of thing it is; a name of these alone names nothing. */
export const GENERIC: ReadonlySet<string> = set(`
home house flat flats address place room property hostel garden street road lane avenue pub bar club town park
shop school bars clubs pubs inn hotel tavern arms nightclub night cafe coffee caffe restaurant takeaway take away kitchen
canteen bakery deli store stores shop newsagent newsagents off licence supermarket convenience express local
centre center staff dining catering caterers bistro grill pizza pizzeria kebab kebabs fish chips chip chippy
burgers bites sandwich sandwiches ltd limited plc llp uk wales cardiff
breakfast lunch luncheon after playgroup nursery primary junior infant infants secondary comprehensive
social sports sport rugby football cricket bowls bowling golf tennis yacht rfc afc fc cc
society community youth canolfan ysgol eglwys tafarn caffi siop neuadd services service garage petrol filling
pharmacy chemist butcher butchers food foods snack tea rooms tearooms cash carry gym fitness leisure retail business unit
my own his her your our their at in on a to good the and co company group
mobile van icecream ice cream sweet sweets treats cakes cake buffet diner eatery eat eats cornershop
front back side lounge terrace high drive thru through
`);

/** Words after a place's name that say it is a place with a door. */
export const VENUE_WORDS: ReadonlySet<string> = set(
  'pub bar club nightclub inn hotel tavern arms ph restaurant cafe takeaway shop store supermarket kebab chippy carvery wetherspoons wetherspoon spoons tafarn clwb caffi beergarden doorman doormen bouncer bouncers toilets toilet smoking dancefloor',
);

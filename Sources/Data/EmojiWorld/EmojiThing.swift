// What the pictures show: characters of an emoji font, and our words for them.

/// One of the things that can be drawn.
public struct EmojiThing: Hashable, Sendable {
  /// Its place in the list of all, from 0.
  public let number: Int
  /// The character whose glyph shows it.
  public let character: Unicode.Scalar
  /// What captions call one of it: "fox", "cup of coffee".
  public let name: String

  /// All things there are. The first are the plainest, so that a world of a few of them has these.
  public static let all: [EmojiThing] = list.split(whereSeparator: { $0 == "," || $0 == "\n" })
    .enumerated().compactMap { number, entry in
      let parts = entry.split(separator: " ", maxSplits: 1)
      return parts[0].unicodeScalars.first.map {
        EmojiThing(number: number, character: $0, name: String(parts[1]))
      }
    }

  /// What captions call several of it: "foxes", "cups of coffee".
  public var plural: String {
    // "cups of coffee", but "ice creams".
    var words = name.split(separator: " ").map(String.init)
    let last = words.firstIndex(of: "of").map { $0 - 1 } ?? words.count - 1
    words[last] = Self.plural(of: words[last])
    return words.joined(separator: " ")
  }

  private static func plural(of word: String) -> String {
    if let plural = irregular[word] { return plural }
    let isAfterVowel = "aeiou".contains(word.dropLast().last ?? "a")
    if word.hasSuffix("y") && !isAfterVowel { return word.dropLast() + "ies" }
    let isHissing = ["s", "x", "z", "ch", "sh"].contains { word.hasSuffix($0) }
    return word + (isHissing ? "es" : "s")
  }

  private static let irregular = [
    "mouse": "mice", "wolf": "wolves", "leaf": "leaves", "loaf": "loaves", "knife": "knives",
    "scarf": "scarves", "ox": "oxen", "die": "dice", "sheep": "sheep", "fish": "fish",
    "blowfish": "blowfish", "deer": "deer", "bison": "bison", "snowman": "snowmen",
    "moai": "moai",
    "tomato": "tomatoes", "potato": "potatoes", "mosquito": "mosquitoes", "volcano": "volcanoes",
  ]

  private static let list = """
    🦊 fox, 🍕 pizza, 🚗 car, 🍓 strawberry, 🐧 penguin, 🎸 guitar, 🌵 cactus, 🐸 frog, 🚀 rocket, 🍄 mushroom
    🐘 elephant, 🎃 pumpkin, 🦋 butterfly, 🍌 banana, 🔑 key, 🐢 turtle, 🌻 sunflower, 🎈 balloon, 🦁 lion, 🍔 hamburger
    🏠 house, 🦉 owl, 🍉 watermelon, 🚂 locomotive, 👑 crown, 🐳 whale, 🌳 tree, 🎁 gift, 🐼 panda, 🍦 ice cream
    ⚽ soccer ball, 🦀 crab, 🚲 bicycle, 🍎 apple, 🔔 bell, 🐝 bee, ⛵ sailboat, 🥕 carrot, 🎩 top hat, 🐙 octopus
    🍋 lemon, 🤖 robot, 🦄 unicorn, 🍩 doughnut, 🌙 moon, 🐌 snail, 📷 camera, 🌴 palm tree, 🐨 koala, 🎂 birthday cake
    🦒 giraffe, 🚁 helicopter, 🍍 pineapple, 🐞 ladybird, ⭐ star, 🥑 avocado, 🦓 zebra, 🎻 violin, 🍪 cookie, 🚜 tractor
    🦆 duck, 🌷 tulip, 💡 light bulb, 🐬 dolphin, 🍒 pair of cherries, 🏰 castle, 🦈 shark, 🧀 piece of cheese, 🎷 saxophone, 🐺 wolf
    🍆 aubergine, ⚓ anchor, 🦜 parrot, 🏀 basketball, 🌽 cob of corn, 🐷 pig, 🛹 skateboard, 🥐 croissant, 🦔 hedgehog, 🔨 hammer
    🍐 pear, 🐪 camel, 🚌 bus, 🌹 rose, 🦩 flamingo, 🥁 drum, 🍊 tangerine, 🐊 crocodile, 👕 shirt, 🍭 lollipop
    🦇 bat, 🏆 trophy, 🥚 egg, 🐍 snake, 🎧 pair of headphones, 🌈 rainbow, 🦘 kangaroo, 🚢 ship, 🥦 broccoli floret, 🧸 teddy bear
    🐟 fish, 🐠 tropical fish, 🐡 blowfish, 🐦 bird, 🐤 chick, 🧊 ice cube, 🐣 hatching chick, 🐔 chicken, 🐓 rooster, 🦃 turkey
    🐀 rat, 🐁 mouse, 🐂 ox, 🐄 cow, 🐅 tiger, 🐆 leopard, 🐇 rabbit, 🐈 cat, 🐉 dragon, 🔭 telescope
    🐎 horse, 🐏 ram, 🐐 goat, 🐑 sheep, 🐒 monkey, 🐕 dog, 🔬 microscope, 🐗 boar, 🐛 caterpillar, 🐜 ant
    🐩 poodle, 🪵 log, 🐹 hamster, 🐻 bear, 🐿 chipmunk, 🕊 dove, 🕷 spider, 🦂 scorpion, 🦅 eagle, 🦌 deer
    🦍 gorilla, 🦎 lizard, 🦏 rhinoceros, 🦐 shrimp, 🦑 squid, 🦕 brontosaurus, 🦖 tyrannosaurus, 🦗 cricket, 🦙 llama, 🦚 peacock
    🦛 hippopotamus, 🦝 raccoon, 🦞 lobster, 🦟 mosquito, 🦡 badger, 🦢 swan, 🦣 mammoth, 🦤 dodo, 🦥 sloth, 🦦 otter
    🦧 orangutan, 🦨 skunk, 🦪 oyster, 🦫 beaver, 🦬 bison, 🦭 seal, 🪰 fly, 🪱 worm, 🪲 beetle, 🪳 cockroach
    🐚 spiral shell, 🌲 fir tree, 🌱 seedling, 🌼 daisy, 🌺 hibiscus, 🌸 cherry blossom, 🍁 maple leaf, 🍀 four-leaf clover, 💐 bouquet, 🪴 potted plant
    🍅 tomato, 🍇 bunch of grapes, 🍈 melon, 🍏 green apple, 🍑 peach, 🥝 kiwi fruit, 🥥 coconut, 🥭 mango, 🫐 handful of blueberries, 🫒 olive branch
    🌶 chili pepper, 🫑 bell pepper, 🥒 cucumber, 🥔 potato, 🧅 onion, 🧄 garlic bulb, 🥬 head of lettuce, 🌰 chestnut, 🥜 peanut, 🍠 sweet potato
    🍞 loaf of bread, 🥖 baguette, 🥨 pretzel, 🥯 bagel, 🥞 stack of pancakes, 🧇 waffle, 🍗 chicken leg, 🥩 steak, 🌭 hot dog, 🌮 taco
    🌯 burrito, 🥪 sandwich, 🍳 frying pan, 🥗 salad, 🍿 box of popcorn, 🍣 piece of sushi, 🍙 rice ball, 🥟 dumpling, 🍜 bowl of noodles, 🍟 box of fries
    🧁 cupcake, 🥧 pie, 🍫 chocolate bar, 🍬 wrapped sweet, 🍮 pudding, 🍯 honey pot, 🍰 piece of cake, 🥛 glass of milk, ☕ cup of coffee, 🍷 glass of wine
    🍺 mug of beer, 🍾 bottle, 🥤 paper cup, 🧃 juice box, 🥄 spoon, 🔪 kitchen knife, 🏺 amphora, 🫖 teapot, 🫙 jar, 🧂 salt shaker
    🌍 globe, 🌋 volcano, 🏔 snowy mountain, 🏕 camp, 🏝 desert island, 🗼 tower, 🗽 statue, 🗿 moai, ⛺ tent, ⛲ fountain
    🏢 office building, 🏥 hospital, 🏭 factory, ⛪ church, 🕌 mosque, 🛖 hut, 🎡 ferris wheel, 🎪 circus tent, 🎠 carousel horse, 💈 barber pole
    🚃 railway car, 🚄 fast train, 🚋 tram, 🚑 ambulance, 🚒 fire engine, 🚓 police car, 🚕 taxi, 🚙 jeep, 🚚 delivery truck, 🏎 racing car
    🏍 motorcycle, 🛵 scooter, 🛴 kick scooter, 🛶 canoe, 🚤 speedboat, ✈ aeroplane, 🛰 satellite, 🛸 flying saucer, 🪂 parachute, 🛷 sled
    ☂ umbrella, ⛄ snowman, ❄ snowflake, ⚡ flash of lightning, 🔥 flame, 💧 drop of water, ☀ sun, ☁ cloud, 🪐 ringed planet, ☄ comet
    🎄 christmas tree, 🎀 ribbon, 🪁 kite, 🎱 billiard ball, 🔮 crystal ball, 🎮 game controller, 🎲 die, 🧩 puzzle piece, 🪆 nesting doll, 🎨 palette
    👓 pair of glasses, 👗 dress, 👖 pair of jeans, 👟 running shoe, 👠 high heel, 👢 boot, 👒 sun hat, 🧢 cap, 🧣 scarf, 🧤 pair of gloves
    👜 handbag, 🎒 backpack, 💍 ring, 💎 gem, 💄 lipstick, 🎤 microphone, 🎹 piano keyboard, 🎺 trumpet, 🪕 banjo, 🪗 accordion
    """
}

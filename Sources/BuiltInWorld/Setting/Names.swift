/// Names that people and pets may bear. The seed decides who lives in town, who is never heard of there, and whose
/// names are kept for evaluation; all are drawn from the same lists, so that no name looks unknown by its style.
enum Names {
    static let feminine = split(
        """
        Ada Agnes Aisha Alba Alma Amara Amelia Amina Anja Annika Anouk Antonia Asha Astrid Audrey Aurelia
        Beatrix Bettina Birgit Bianca Bridget Camille Carla Carmen Cecily Celeste Chiara Clara Clarissa
        Clemence Cordelia Corinne Dagmar Dalia Daphne Daria Delia Delphine Diana Dina Dora Dorothea Edith
        Edda Eileen Elena Elif Elke Ella Eloise Elsa Elspeth Emilia Emma Enid Erika Esme Estelle Esther Etta
        Eva Evelyn Farah Fatima Faye Fenna Fiona Flora Frances Freya Frida Gemma Gerda Gisela Greta Gudrun
        Gwen Hana Hanne Harriet Hedda Hedwig Helena Henrietta Hermine Hilda Ida Ilse Imogen Inaya Indira
        Ines Inga Ingrid Irena Irma Isabel Isla Ivana Jana Jasmina Johanna Josephine Judith Julia Juno Kaia
        Kalinda Karin Katarina Keiko Kirsten Klara Lamia Lara Larissa Layla Leila Lena Leonie Leonora Liesel
        Lina Linnea Lotte Louisa Lucia Ludmila Lydia Mabel Maeve Magda Maja Malika Mara Marcella Margit
        Mariam Marisol Marit Marlene Martha Matilda Maud Meera Mercedes Mila Milena Minna Mirabel Miriam
        Mona Morag Muriel Nadia Natalia Nell Nerys Nia Nina Noemi Nora Octavia Odette Olga Oona Ophelia
        Ottilie Paloma Pamela Paula Petra Philippa Phoebe Pia Priya Ramona Rania Rebecca Renata Rhona Rita
        Roisin Romy Rosalind Rowena Ruth Sabine Safiya Salma Sanna Saskia Selma Shirin Sibyl Signe Sigrid
        Silvia Simone Sofia Solveig Sonja Stella Sunita Svea Sylvie Tabitha Talia Tamar Tamsin Tania Tekla
        Tessa Thea Thora Tilda Tirza Tove Ulla Una Ursula Valentina Vanessa Vera Verena Veronika Vesna
        Vivian Wanda Wilma Winifred Xenia Yara Yasmin Ylva Yolanda Yvonne Zara Zelda Zora Zuzana
        """)

    static let masculine = split(
        """
        Aaron Abel Abdul Adam Adrian Ahmed Albert Aldo Alfred Alistair Amir Anders Andre Angus Anton
        Archibald Armand Arno Arthur Arvid Asher Axel Barnaby Bartholomew Benedict Benno Bernard Bertram
        Bjorn Boris Bram Bruno Caleb Callum Carlos Casper Cedric Cesar Christoph Clement Conrad Cornelius
        Cosmo Cyril Damian Daniel Darius David Declan Denis Desmond Detlef Dieter Dimitri Dominic Donovan
        Duncan Edgar Edmund Eduardo Edwin Eino Elias Elliot Elmer Emil Emre Enzo Erik Ernest Erwin Eugene
        Evan Ezra Fabian Farid Felix Ferdinand Fergus Finn Florian Francis Franz Frederik Fritz Gabriel
        Gareth Gaspar Geoffrey Gerard Gideon Gilbert Giorgio Gregor Gunnar Gustav Hakim Hamish Hans Harald
        Harold Hassan Hector Heinz Hendrik Henry Herbert Hugo Humphrey Ian Ibrahim Idris Ignaz Igor Ilya
        Imran Isaac Ismael Ivan Ivor Jacob Jakub Jamal Jan Jarek Jerome Joaquin Joel Johan Jonas Jorge Joris
        Josef Jovan Julian Julius Kamal Karel Karim Keith Kenji Kevin Kilian Kofi Konrad Kurt Lars Laszlo
        Laurence Leander Leif Lennart Leo Leon Leopold Levin Linus Lionel Lorenz Luca Lucas Ludwig Luis
        Magnus Malcolm Manfred Manuel Marcel Marco Marius Martin Mateo Matthias Maurice Melvin Milan Milo
        Mirko Mohan Moritz Morris Murdo Nathan Neville Niall Nicolas Niels Noah Norbert Norman Odin Olaf
        Oleg Oliver Omar Orson Oscar Osman Oswin Otto Owen Pablo Patrick Paul Pavel Pedro Percival Peter
        Philip Pierre Quentin Rafael Rainer Ramon Ralph Rashid Ravi Raymond Reinhard Reuben Rhys Richard
        Robert Roderick Roland Ronan Rory Ruben Rudolf Rufus Rupert Samir Samuel Sanjay Sebastian Seamus
        Sergei Sidney Sigmund Silas Simon Soren Stefan Stellan Sven Tadeo Tariq Terence Thaddeus Theodor
        Thomas Tibor Tobias Torsten Tristan Tycho Ulrich Umberto Uri Valentin Vasco Victor Viggo Vincent
        Vito Vladimir Walter Wendel Werner Wilbur Wilfred Wilhelm William Winston Wolfgang Xavier Yannick
        Yusuf Zachary Zoltan
        """)

    static let family = split(
        """
        Abernathy Albrecht Ashworth Atwell Averill Bagshaw Bainbridge Balfour Bancroft Barlow Beaumont
        Beckwith Bellamy Bergstrom Birkett Blackwood Blakely Bramwell Brannigan Braithwaite Brennan Brewster
        Brockway Calloway Cardew Carmody Carrick Castellan Cavendish Chadwick Chatterjee Claridge Colby
        Connelly Cosgrove Crabtree Cranston Crowther Culpepper Dalgaard Dalrymple Danforth Darby Davenport
        Delacroix Denholm Devlin Dunmore Eastwick Eckhart Edgeworth Ellery Elphick Endicott Escott Everard
        Fairbairn Falkner Farnham Farrow Faulk Fennimore Fenwick Ferreira Finnegan Fitzroy Fothergill Foxley
        Frobisher Galbraith Garrick Gatwood Gillespie Goodfellow Granger Greaves Grimaldi Grindle Halloran
        Hammond Hargreave Harkness Haverford Hawksley Heathcote Hemsworth Hollis Holmquist Hornsby Huxtable
        Iverson Jankowski Jessop Joyner Kaminski Keating Kerrigan Kettering Kingsley Kirkbride Kovacs
        Langford Larkin Lattimer Leclerc Lindqvist Lockhart Lombardi Lovelace Lundgren Maddox Mainwaring
        Mallory Marchetti Marsden Mayhew McAllister Mercado Merriweather Middleton Milbourne Montague
        Moravec Moreau Mulcahy Nakamura Nettleton Nightingale Norwood Novak Oakeshott Obuya Okafor Olmstead
        Orlov Ormerod Ostrander Oyelaran Padgett Paxton Peabody Pemberton Pennington Petrov Pickering
        Pilkington Plimpton Ponsonby Prendergast Pritchard Quigley Quillon Rademaker Radcliffe Rafferty
        Ramsbottom Rasmussen Ravenscroft Redfern Renshaw Rosenthal Rossetti Rutherford Saltmarsh Sandoval
        Satterly Schreiber Seabrook Sedgwick Selwyn Shackleton Shaughnessy Silverstein Skelton Sorensen
        Spofford Stanhope Starkey Stavros Stirling Strickland Sutcliffe Swinburne Tambling Tanaka Templeton
        Tennant Thackeray Thistlewood Thornbury Tidmarsh Tillotson Tolliver Townsend Treloar Trevanion
        Truscott Twining Underwood Upjohn Valverde Vandermeer Varga Vasquez Verhoeven Wadsworth Wakefield
        Walcott Wanamaker Warburton Weatherby Wedgwood Wexford Whitaker Whitcombe Wickham Willoughby Winslow
        Winterbourne Wolverton Woodhouse Wycliffe Yardley Yelland Zielinski Zimmerman
        """)

    static let pet = split(
        """
        Acorn Bagel Banjo Bobbin Bramble Bubbles Bumble Cinder Cobweb Comet Cricket Domino Doodle Fidget
        Figaro Freckle Gizmo Goblin Hiccup Inky Jellybean Latte Licorice Lollipop Marbles Mitten Mocha
        Moppet Muffin Nacho Nibbles Paddle Patches Pebble Percy Pippin Pixel Pogo Quaver Rascal Ripple
        Rocket Rusty Scamp Smudge Snowball Sparky Sprout Squeak Tadpole Thimble Tinker Twiglet Waffle
        Whiskers Widget Wobble Ziggy Albie Bosun Chip Dizzy Echo Gulliver Haggis Iggy Jazz Kiki Loki Nimbus
        Orbit Quill Rumble Sooty Tango Umber Vesper Winks Yoyo Zuzu Bingo Captain Fuzzy Hopper Jingle Monty
        Nugget Spud Tuppence Wellington Zigzag Blossom Mopsy Bunty Clementine Bongo Dinky Flossie Grumble
        Hazelnut Jumble Kazoo Lulu Mango Nifty Otis Peaches Pongo Ruffles Skipper Tickle Topsy Wags Woolly
        Tiddles Snuffles Poppet Bandit
        """)

    private static func split(_ names: String) -> [String] {
        names.split { $0 == " " || $0 == "\n" }.map(String.init)
    }
}

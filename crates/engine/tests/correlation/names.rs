//! Given and family names in sixteen languages, each as its speakers write it and as another system writes it.

pub(crate) struct Language {
    pub(crate) name: &'static str,
    /// As written at home, as written elsewhere.
    pub(crate) given: &'static [(&'static str, &'static str)],
    pub(crate) family: &'static [(&'static str, &'static str)],
    /// Whether the family name comes first.
    pub(crate) family_first: bool,
}

const fn language(
    name: &'static str,
    given: &'static [(&'static str, &'static str)],
    family: &'static [(&'static str, &'static str)],
) -> Language {
    Language { name, given, family, family_first: false }
}

const fn family_first(
    name: &'static str,
    family: &'static [(&'static str, &'static str)],
    given: &'static [(&'static str, &'static str)],
) -> Language {
    Language { name, given, family, family_first: true }
}

pub(crate) const LANGUAGES: &[Language] = &[
    language(
        "English",
        &[
            ("Catherine", "Katherine"),
            ("Oliver", "Oliver"),
            ("Stephen", "Steven"),
            ("Margaret", "Margret"),
            ("Thomas", "Thomas"),
            ("Grace", "Grace"),
        ],
        &[
            ("O'Sullivan", "O Sullivan"),
            ("Clarke", "Clark"),
            ("Thompson", "Thomson"),
            ("MacDonald", "McDonald"),
            ("Whitfield", "Whitfield"),
            ("Ashworth", "Ashworth"),
        ],
    ),
    language(
        "German",
        &[
            ("Jürgen", "Juergen"),
            ("Käthe", "Kaethe"),
            ("Björn", "Bjoern"),
            ("Annemarie", "Annemarie"),
            ("Götz", "Goetz"),
            ("Ulrike", "Ulrike"),
        ],
        &[
            ("Müller", "Mueller"),
            ("Groß", "Gross"),
            ("Schäfer", "Schaefer"),
            ("Köhler", "Kohler"),
            ("Weißmann", "Weissmann"),
            ("Brückner", "Brueckner"),
        ],
    ),
    language(
        "French",
        &[
            ("Éloïse", "Eloise"),
            ("François", "Francois"),
            ("Hélène", "Helene"),
            ("Benoît", "Benoit"),
            ("Zoé", "Zoe"),
            ("Jérôme", "Jerome"),
        ],
        &[
            ("Lefèvre", "Lefevre"),
            ("Béranger", "Beranger"),
            ("D’Aubigné", "Daubigne"),
            ("Château", "Chateau"),
            ("Noël", "Noel"),
            ("Garçon", "Garcon"),
        ],
    ),
    language(
        "Spanish",
        &[
            ("José", "Jose"),
            ("Íñigo", "Inigo"),
            ("María", "Maria"),
            ("Ángela", "Angela"),
            ("Raúl", "Raul"),
            ("Begoña", "Begona"),
        ],
        &[
            ("Núñez", "Nunez"),
            ("Ibáñez", "Ibanez"),
            ("Gutiérrez", "Gutierrez"),
            ("Peña", "Pena"),
            ("Zúñiga", "Zuniga"),
            ("Domínguez", "Dominguez"),
        ],
    ),
    language(
        "Portuguese",
        &[
            ("João", "Joao"),
            ("Conceição", "Conceicao"),
            ("Inês", "Ines"),
            ("Sebastião", "Sebastiao"),
            ("Luísa", "Luisa"),
            ("Tomás", "Tomas"),
        ],
        &[
            ("Gonçalves", "Goncalves"),
            ("Simões", "Simoes"),
            ("Magalhães", "Magalhaes"),
            ("Araújo", "Araujo"),
            ("Falcão", "Falcao"),
            ("Brandão", "Brandao"),
        ],
    ),
    language(
        "Polish",
        &[
            ("Łukasz", "Lukasz"),
            ("Małgorzata", "Malgorzata"),
            ("Zbigniew", "Zbigniew"),
            ("Agnieszka", "Agnieszka"),
            ("Paweł", "Pawel"),
            ("Bożena", "Bozena"),
        ],
        &[
            ("Wójcik", "Wojcik"),
            ("Dąbrowski", "Dabrowski"),
            ("Kowalczyk", "Kowalczyk"),
            ("Błaszczyk", "Blaszczyk"),
            ("Gołębiewski", "Golebiewski"),
            ("Sikora", "Sikora"),
        ],
    ),
    language(
        "Czech",
        &[
            ("Jiří", "Jiri"),
            ("Zdeněk", "Zdenek"),
            ("Kateřina", "Katerina"),
            ("Ondřej", "Ondrej"),
            ("Božena", "Bozena"),
            ("Václav", "Vaclav"),
        ],
        &[
            ("Dvořák", "Dvorak"),
            ("Novotný", "Novotny"),
            ("Černý", "Cerny"),
            ("Kučera", "Kucera"),
            ("Hájek", "Hajek"),
            ("Němec", "Nemec"),
        ],
    ),
    language(
        "Turkish",
        &[
            ("Gökçe", "Gokce"),
            ("İbrahim", "Ibrahim"),
            ("Şule", "Sule"),
            ("Çağlar", "Caglar"),
            ("Işıl", "Isil"),
            ("Özgür", "Ozgur"),
        ],
        &[
            ("Yıldız", "Yildiz"),
            ("Öztürk", "Ozturk"),
            ("Şahin", "Sahin"),
            ("Çelik", "Celik"),
            ("Doğan", "Dogan"),
            ("Kılıç", "Kilic"),
        ],
    ),
    language(
        "Icelandic",
        &[
            ("Þórdís", "Thordis"),
            ("Sigurður", "Sigurdur"),
            ("Ásgeir", "Asgeir"),
            ("Guðrún", "Gudrun"),
            ("Ægir", "Aegir"),
            ("Björk", "Bjork"),
        ],
        &[
            ("Jónsdóttir", "Jonsdottir"),
            ("Þorsteinsson", "Thorsteinsson"),
            ("Guðmundsson", "Gudmundsson"),
            ("Hákonardóttir", "Hakonardottir"),
            ("Einarsson", "Einarsson"),
            ("Ólafsson", "Olafsson"),
        ],
    ),
    language(
        "Danish",
        &[
            ("Søren", "Soeren"),
            ("Bjørn", "Bjorn"),
            ("Åse", "Aase"),
            ("Jørgen", "Joergen"),
            ("Kirsten", "Kirsten"),
            ("Mette", "Mette"),
        ],
        &[
            ("Sørensen", "Soerensen"),
            ("Ågård", "Aagaard"),
            ("Kjær", "Kjaer"),
            ("Østergaard", "Oestergaard"),
            ("Mølgaard", "Moelgaard"),
            ("Lykke", "Lykke"),
        ],
    ),
    language(
        "Russian",
        &[
            ("Юлия", "Yuliya"),
            ("Дмитрий", "Dmitry"),
            ("Анастасия", "Anastasia"),
            ("Сергей", "Sergei"),
            ("Михаил", "Mikhail"),
            ("Екатерина", "Ekaterina"),
        ],
        &[
            ("Кузнецов", "Kuznetsov"),
            ("Соколова", "Sokolova"),
            ("Воробьёв", "Vorobyov"),
            ("Щербаков", "Shcherbakov"),
            ("Морозова", "Morozova"),
            ("Жуков", "Zhukov"),
        ],
    ),
    language(
        "Greek",
        &[
            ("Γεώργιος", "Georgios"),
            ("Ελένη", "Eleni"),
            ("Δημήτρης", "Dimitris"),
            ("Αικατερίνη", "Aikaterini"),
            ("Νίκος", "Nikos"),
            ("Μαρία", "Maria"),
        ],
        &[
            ("Παπαδόπουλος", "Papadopoulos"),
            ("Νικολαΐδης", "Nikolaidis"),
            ("Οικονόμου", "Oikonomou"),
            ("Γεωργίου", "Georgiou"),
            ("Βασιλείου", "Vasileiou"),
            ("Κωστόπουλος", "Kostopoulos"),
        ],
    ),
    family_first(
        "Chinese",
        &[("李", "Li"), ("王", "Wang"), ("张", "Zhang"), ("陈", "Chen"), ("赵", "Zhao"), ("徐", "Xu")],
        &[
            ("小明", "Xiaoming"),
            ("建国", "Jianguo"),
            ("雅婷", "Yating"),
            ("伟", "Wei"),
            ("思远", "Siyuan"),
            ("丽华", "Lihua"),
        ],
    ),
    family_first(
        "Korean",
        &[("김", "Kim"), ("박", "Park"), ("최", "Choi"), ("정", "Jung"), ("한", "Han"), ("윤", "Yoon")],
        &[
            ("민수", "Minsu"),
            ("지영", "Jiyoung"),
            ("서연", "Seoyeon"),
            ("동현", "Donghyun"),
            ("하은", "Haeun"),
            ("준호", "Junho"),
        ],
    ),
    language(
        "Vietnamese",
        &[
            ("Thị Hương", "Thi Huong"),
            ("Văn Đức", "Van Duc"),
            ("Minh Tuấn", "Minh Tuan"),
            ("Ngọc Ánh", "Ngoc Anh"),
            ("Quốc Bảo", "Quoc Bao"),
            ("Thúy", "Thuy"),
        ],
        &[
            ("Nguyễn", "Nguyen"),
            ("Trần", "Tran"),
            ("Phạm", "Pham"),
            ("Đặng", "Dang"),
            ("Võ", "Vo"),
            ("Lý", "Ly"),
        ],
    ),
    language(
        "Arabic",
        &[
            ("Mohammed", "Muhammad"),
            ("Khadija", "Khadijah"),
            ("Youssef", "Yusuf"),
            ("Aisha", "Ayesha"),
            ("Hussein", "Husain"),
            ("Layla", "Leila"),
        ],
        &[
            ("Al-Rashid", "Alrashid"),
            ("El Sayed", "Elsayed"),
            ("Haddad", "Hadad"),
            ("Bin Faisal", "Faisal"),
            ("Mansour", "Mansur"),
            ("Khalil", "Khaleel"),
        ],
    ),
];

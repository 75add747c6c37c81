// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {BatchSettlementDouble} from "../../src/BatchSettlementDouble.sol";
import {ERC3009DepositCollectorDouble} from "../../src/ERC3009DepositCollectorDouble.sol";
import {TestUSDC} from "../../src/TestUSDC.sol";
import {IBatchSettlement} from "../../src/interfaces/IBatchSettlement.sol";
import {vm} from "./Vm.sol";

/// @title The parties, their signatures, and the contracts where the devnet has them
/// @notice The code is made elsewhere and placed at the canonical addresses, as devnet/chain does: a signature that fits there shows
/// that the EIP-712 domain follows the address.
abstract contract Parties {
    address internal constant ESCROW = 0x4020074e9dF2ce1deE5A9C1b5c3f541D02a10003;
    address internal constant COLLECTOR = 0x4020806089470a89826cB9fB1f4059150b550004;
    address internal constant TOKEN = 0x00000000000000000000000000000000000005dC;

    uint256 internal constant PAYER_KEY = 0xA11CE;
    uint256 internal constant SESSION_KEY = 0x5E55;
    uint256 internal constant RELAY_KEY = 0x3E1A4;
    uint256 internal constant THIEF_KEY = 0xBAD;
    uint40 internal constant DAY = 1 days;
    /// @dev The order of secp256k1, to turn a signature into its twin of high s.
    uint256 internal constant CURVE_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;

    BatchSettlementDouble internal constant escrow = BatchSettlementDouble(ESCROW);
    TestUSDC internal constant token = TestUSDC(TOKEN);

    address internal payer = vm.addr(PAYER_KEY);
    address internal session = vm.addr(SESSION_KEY);
    address internal relay = vm.addr(RELAY_KEY);
    address internal thief = vm.addr(THIEF_KEY);

    function place() internal {
        vm.warp(1_800_000_000);
        vm.etch(ESCROW, address(new BatchSettlementDouble()).code);
        vm.etch(COLLECTOR, address(new ERC3009DepositCollectorDouble(ESCROW)).code);
        vm.etch(TOKEN, address(new TestUSDC("USDC", 6)).code);
        token.mint(payer, 1_000e6);
    }

    function configOf(bytes32 salt) internal view returns (IBatchSettlement.ChannelConfig memory) {
        return IBatchSettlement.ChannelConfig({
            payer: payer,
            payerAuthorizer: session,
            receiver: relay,
            receiverAuthorizer: relay,
            token: TOKEN,
            withdrawDelay: DAY,
            salt: salt
        });
    }

    function defaultConfig() internal view returns (IBatchSettlement.ChannelConfig memory) {
        return configOf(bytes32(0));
    }

    /// @dev What a deposit's payer signs, for the collector; `salt` makes it unique.
    function depositData(IBatchSettlement.ChannelConfig memory config, uint256 payerKey, uint128 amount, uint256 salt)
        internal
        view
        returns (bytes memory)
    {
        bytes32 nonce = keccak256(abi.encode(escrow.getChannelId(config), salt));
        uint256 validBefore = block.timestamp + 1 hours;
        bytes memory signature = signReceive(payerKey, COLLECTOR, amount, 0, validBefore, nonce);
        return abi.encode(uint256(0), validBefore, salt, signature);
    }

    function signReceive(uint256 key, address to, uint256 value, uint256 validAfter, uint256 validBefore, bytes32 nonce)
        internal
        view
        returns (bytes memory)
    {
        bytes32 typehash = keccak256(
            "ReceiveWithAuthorization(address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce)"
        );
        return signToken(key, abi.encode(typehash, vm.addr(key), to, value, validAfter, validBefore, nonce));
    }

    function signToken(uint256 key, bytes memory message) internal view returns (bytes memory) {
        return sign(key, keccak256(abi.encodePacked(hex"1901", token.DOMAIN_SEPARATOR(), keccak256(message))));
    }

    function fund(IBatchSettlement.ChannelConfig memory config, uint128 amount, uint256 salt) internal {
        escrow.deposit(config, amount, COLLECTOR, depositData(config, PAYER_KEY, amount, salt));
    }

    function voucher(IBatchSettlement.ChannelConfig memory config, uint256 key, uint128 maximum, uint128 total)
        internal
        view
        returns (IBatchSettlement.VoucherClaim[] memory rows)
    {
        rows = new IBatchSettlement.VoucherClaim[](1);
        rows[0] = IBatchSettlement.VoucherClaim({
            voucher: IBatchSettlement.Voucher({channel: config, maxClaimableAmount: maximum}),
            signature: sign(key, escrow.getVoucherDigest(escrow.getChannelId(config), maximum)),
            totalClaimed: total
        });
    }

    function claimed(IBatchSettlement.ChannelConfig memory config, uint128 total) internal {
        IBatchSettlement.VoucherClaim[] memory rows = voucher(config, SESSION_KEY, total, total);
        vm.prank(relay);
        escrow.claim(rows);
    }

    function sign(uint256 key, bytes32 digest) internal pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        return abi.encodePacked(r, s, v);
    }

    /// @dev The same signature's twin: valid for the curve, refused by everyone who wants one signature per message.
    function highS(bytes memory signature) internal pure returns (bytes memory) {
        (bytes32 r, bytes32 s) = (bytes32(0), bytes32(0));
        uint8 v = uint8(signature[64]);
        assembly {
            r := mload(add(signature, 32))
            s := mload(add(signature, 64))
        }
        return abi.encodePacked(r, bytes32(CURVE_ORDER - uint256(s)), v == 27 ? uint8(28) : uint8(27));
    }

    function balanceOf(IBatchSettlement.ChannelConfig memory config) internal view returns (uint128 balance) {
        (balance,) = escrow.channels(escrow.getChannelId(config));
    }

    function claimedOf(IBatchSettlement.ChannelConfig memory config) internal view returns (uint128 total) {
        (, total) = escrow.channels(escrow.getChannelId(config));
    }
}

/// @title One payer with money, before each test
abstract contract Fixture is Parties {
    function setUp() public virtual {
        place();
    }
}
